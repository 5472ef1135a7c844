import { type Static, Type } from '@sinclair/typebox';
import { findingKinds, type Severity, severities } from '../../../events/finding.ts';
import type { FindingSearch } from '../../../projections/findings/finding-search.ts';
import { findingStates } from '../../../projections/findings/findings.ts';
import { AppError } from '../../floor/app-error.ts';
import { wordList } from '../../floor/text/schema-words.ts';
import { isPast, type View } from '../answers/ready-answer.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiDeps, RouteDeps } from '../define.ts';
import { filesOwnedBy } from './owned-files.ts';

/** One value, or the parameter several times; names that hold no comma may come with commas between them. */
const Several = (maxLength: number, description: string) =>
  Type.Optional(
    Type.Union([Type.String({ maxLength }), Type.Array(Type.String({ maxLength }), { minItems: 1, maxItems: 50 })], {
      description,
    }),
  );
const Words = (words: readonly string[]) => Type.Optional(wordList(words));
const Flag = (description: string) =>
  Type.Optional(Type.Union([Type.Literal('1'), Type.Literal('0')], { description }));
const Moment = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));

/** What findings are narrowed by, in a query and in a saved filter. */
export const findingFilter = {
  project: Several(64, 'of these projects'),
  state: Words(findingStates),
  kind: Words(findingKinds),
  severity: Words(severities),
  tool: Several(64, 'reported by these tools'),
  rule: Several(512, 'with these codes of the tool'),
  subproject: Several(512, 'of these subprojects, by path'),
  recipe: Several(32, 'of these recipes'),
  path: Several(1024, 'in files whose path begins so'),
  assignee: Several(128, 'looked after by these; `me`, and `none` for nobody'),
  owner: Several(128, 'in files that CODEOWNERS gives to these; with one project'),
  q: Type.Optional(
    Type.String({
      maxLength: 256,
      description: 'each word stands in code, path, package, or the first 400 characters of these and the message',
    }),
  ),
  since: Moment('a sequence of the log or an ISO 8601 time: last seen after it'),
  new_since: Moment('a sequence of the log or an ISO 8601 time: first seen after it'),
  older_than: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 36_500, description: 'first seen so many days ago or more' }),
  ),
  younger_than: Type.Optional(Type.Integer({ minimum: 0, maximum: 36_500, description: 'first seen less days ago' })),
  patchable: Flag('1: the tool itself, or a version, offers a way to mend it'),
  new: Flag('1: not seen before the last run of its recipe'),
  overdue: Flag('1: open for longer than the deadline of its project allows for its severity'),
  batch: Type.Optional(Type.String({ maxLength: 64, description: 'changed last by this request over many' })),
};
const Filter = Type.Object(findingFilter);
type FindingFilterInput = Static<typeof Filter>;

/** Whether an answer holds as long as the read model stands still; `me` is not in the key under which it is kept. */
export function isLasting({ older_than, younger_than, overdue, owner, assignee }: FindingFilterInput): boolean {
  return [older_than, younger_than, overdue, owner, assignee].every((one) => one === undefined);
}

const listed = (value: string | readonly string[] | undefined, split = false) =>
  value === undefined
    ? undefined
    : [value]
        .flat()
        .flatMap((one) => (split ? one.split(',') : [one]))
        .filter(Boolean);
const flag = (value: '0' | '1' | undefined) => (value === undefined ? undefined : [Number(value)]);
const daySecs = 86_400;

/**
 * The search of a filter, narrowed to what the caller may see. Throws AppError('invalid') for a moment that is none and an
 * owner without a project.
 */
export async function searchOf(
  filter: FindingFilterInput,
  { view, caller }: { view: View; caller: Caller },
  deps: RouteDeps,
): Promise<FindingSearch> {
  const now = Math.floor(deps.clock.now() / 1000);
  const { q, since, new_since, older_than, younger_than, batch } = filter;
  const projects = listed(filter.project, true);
  const of: Record<string, readonly (string | number | null)[]> = {};
  const put = (name: string, values: readonly (string | number | null)[] | undefined) => {
    if (values !== undefined) of[name] = values;
  };
  put('project', projects);
  put('state', listed(filter.state, true));
  put('kind', listed(filter.kind, true));
  put('severity', listed(filter.severity, true));
  put('tool', listed(filter.tool, true));
  put('subproject', listed(filter.subproject));
  put('recipe', listed(filter.recipe, true));
  put('patchable', flag(filter.patchable));
  put('is_new', flag(filter.new));
  put(
    'assignee',
    listed(filter.assignee, true)?.map((one) => (one === 'none' ? null : one === 'me' ? caller.name : one)),
  );
  const overdue = filter.overdue === '1' ? deadlinesOf({ view, caller }, now) : undefined;
  if (overdue && !of['state']) put('state', ['open']);
  const { rule, path, owner } = filter;
  return {
    owner: caller.owner,
    among: visibleAmong(view, caller),
    of,
    ...(rule === undefined ? {} : { rules: [rule].flat() }),
    ...(path === undefined ? {} : { paths: [path].flat() }),
    ...(owner === undefined ? {} : { files: await ownedFiles([owner].flat(), projects, { view, caller }, deps) }),
    ...(q === undefined ? {} : { words: q.split(/\s+/).filter(Boolean).slice(0, 8) }),
    ...(since === undefined ? {} : { seenAfter: await sequenceAt(since, deps.log) }),
    ...(new_since === undefined ? {} : { newAfter: await sequenceAt(new_since, deps.log) }),
    ...(older_than === undefined ? {} : { firstBefore: now - older_than * daySecs + 1 }),
    ...(younger_than === undefined ? {} : { firstSince: now - younger_than * daySecs }),
    ...(batch === undefined ? {} : { batch }),
    ...(overdue ? { overdue } : {}),
  };
}

/** Of the past, what is somebody else's by now is left out. */
function visibleAmong(view: View, { owner, projects }: Caller): readonly string[] | null {
  if (owner === null || !isPast(view)) return projects;
  const own = view.models.query().projects.page({ owner, among: projects, after: '', limit: 10_000 });
  return own.map(({ name }) => name).filter((name) => view.shows(name));
}

function deadlinesOf({ view, caller }: { view: View; caller: Caller }, now: number) {
  const { owner, projects: among } = caller;
  return view.models
    .query()
    .projects.page({ owner, among, after: '', limit: 10_000 })
    .flatMap(({ name, deadlines = {} }) =>
      (Object.entries(deadlines) as [Severity, number][]).map(([severity, days]) => ({
        project: name,
        severity,
        before: now - days * daySecs,
      })),
    );
}

async function ownedFiles(
  owners: readonly string[],
  projects: readonly string[] | undefined,
  { view, caller }: { view: View; caller: Caller },
  deps: ApiDeps,
): Promise<string[]> {
  const [project, second] = projects ?? [];
  if (project === undefined || second !== undefined)
    throw new AppError('invalid', '/querystring/owner: expected one project beside it', {
      faults: [{ path: '/querystring/owner', message: 'expected one project beside it' }],
    });
  return filesOwnedBy(owners, project, { view, caller }, deps);
}
