import { recipesFile } from '../../../events/projects/project.ts';
import type { FindingSearch } from '../../../projections/findings/finding-search.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { RecipeRun, RecipeStanding } from '../../../projections/jobs/recipe-runs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { placeAwaited } from '../../attempts/awaited-place.ts';
import type { InboxItem, InboxKind } from '../../findings/rules/inbox-order.ts';
import { counted } from '../../floor/text/counted.ts';
import type { View } from '../answers/ready-answer.ts';
import type { Caller } from '../authenticate.ts';

/** Findings of a kind that stand for themselves; the rest of a project is one line. */
const mostSingle = 25;
const shortWords = 160;

const cut = (text: string) => (text.length > shortWords ? `${text.slice(0, shortWords)}…` : text);
const none = { severity: null, project: null, since: null, entity: null, id: null, count: 1 } as const;
/** `2 findings`. */

type Seen = { readonly view: View; readonly caller: Caller; readonly names: ReadonlySet<string> };

/** What is new among the open findings: the severe ones and failing tests each, the others as a line of their project. */
export function newFindings({ view, caller, names }: Seen): InboxItem[] {
  const { findingSearch } = view.models.query();
  const base = { owner: caller.owner, among: caller.projects };
  const single = (kind: InboxKind, of: FindingSearch['of'], reason: string) =>
    findingSearch
      .page(
        { ...base, of: { state: ['open'], is_new: [1], ...of } },
        { sort: 'newest', after: null, limit: mostSingle },
      )
      .map(({ doc }) => itemOf(JSON.parse(doc) as FindingDoc, kind, reason))
      .filter(({ project }) => project !== null && names.has(project));
  const rest = findingSearch
    .grouped({ ...base, of: { state: ['open'], is_new: [1], severity: ['error'], kind: ['lint'] } })
    .filter(({ project }) => names.has(String(project)));
  return [
    ...single('critical', { severity: ['critical'] }, 'a critical finding is new: look at it, mend it or say why not'),
    ...single('high', { severity: ['high'] }, 'a finding of high severity is new'),
    ...single('test', { kind: ['test_fail'] }, 'this test fails and did not before'),
    ...[...Map.groupBy(rest, ({ project }) => String(project))].map(([project, groups]): InboxItem => {
      const count = groups.reduce((sum, { n }) => sum + n, 0);
      const title = `${counted(count, 'new error')} in ${project}`;
      return {
        ...none,
        kind: 'finding',
        severity: 'error',
        project,
        title,
        reason: 'found by the last runs',
        entity: 'project',
        id: project,
        count,
      };
    }),
  ];
}

function itemOf(doc: FindingDoc, kind: InboxKind, reason: string): InboxItem {
  const { id, project, severity, code, message, file, line, first_seen_at } = doc;
  const place = file === null ? '' : ` in ${file}${line === null ? '' : `:${line}`}`;
  const title = cut(`${code ?? doc.kind}${place}: ${message.split('\n')[0] ?? ''}`);
  return { kind, severity, project, title, reason, since: first_seen_at, entity: 'finding', id: String(id), count: 1 };
}

/** Findings over the deadline of their project, a line a project. */
export function overdueFindings(projects: readonly ProjectDoc[], nowMs: number, { view, caller }: Seen): InboxItem[] {
  const now = Math.floor(nowMs / 1000);
  const overdue = projects.flatMap(({ name, deadlines = {} }) =>
    Object.entries(deadlines).map(([severity, days]) => ({ project: name, severity, before: now - days * 86_400 })),
  );
  if (overdue.length === 0) return [];
  const search = { owner: caller.owner, among: caller.projects, of: { state: ['open'] }, overdue };
  const groups = view.models.query().findingSearch.grouped(search);
  return [...Map.groupBy(groups, ({ project }) => String(project))].map(([project, them]): InboxItem => {
    const count = them.reduce((sum, { n }) => sum + n, 0);
    const title = `${counted(count, 'finding')} of ${project} past the deadline`;
    const reason = 'open for longer than the deadlines of the project allow';
    return { ...none, kind: 'overdue', project, title, reason, entity: 'project', id: project, count };
  });
}

/** What a recipe that fails is; linters and audits that have always failed are the findings' business. */
const failing: Readonly<Record<string, InboxKind>> = { build: 'build', test: 'test' };

/** Recipes whose last run on the default branch failed: builds and tests always, others where they passed before. */
export function brokenRecipes(standings: readonly RecipeStanding[]): InboxItem[] {
  return standings.flatMap(({ latest, last_green, failing_since }): InboxItem[] => {
    if (failing_since === null || (!(latest.recipe in failing) && last_green === null)) return [];
    const { project, subproject, recipe, job_id, reason: ended } = latest;
    const where = subproject === '.' ? project : `${project}/${subproject}`;
    const how = ended === 'exited' ? '' : ` (${ended.replaceAll('_', ' ')})`;
    return [
      {
        ...{ kind: failing[recipe] ?? 'recipe', severity: null, project },
        title: `${recipe} of ${where} fails${how}`,
        reason: sinceWords(failing_since, last_green),
        ...{ since: failing_since.ended_at, entity: 'job', id: job_id, count: 1 },
      },
    ];
  });
}

const spans: readonly (readonly [noun: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long between two runs, as one says it: `2 days`, `40 minutes`, `1 second`. */
function spanWords(ms: number): string {
  const [noun, unit] = spans.find(([, one]) => ms >= one) ?? ['second', 1_000];
  return counted(Math.round(ms / unit), noun);
}

/** `it fails since commit 3c3f6d81; commit 7443adac passed last, 2 days before`: what a person looks for, and no id of a job. */
function sinceWords(failing: RecipeRun, green: RecipeRun | null): string {
  const commit = ({ sha }: RecipeRun) => (sha === null ? 'a run without a commit' : `commit ${sha.slice(0, 8)}`);
  const since = `it fails since ${commit(failing)}`;
  if (green === null) return `${since}; it has never passed as far as is known`;
  const before = spanWords(Date.parse(failing.ended_at) - Date.parse(green.ended_at));
  const passed = green.sha === failing.sha ? 'the same commit' : commit(green);
  return `${since}; ${passed} passed last, ${before} before`;
}

/** Recipes that a repository brings and that could not be taken. */
export function refusedRecipes(projects: readonly ProjectDoc[]): InboxItem[] {
  return projects.flatMap(({ name: project, recipes_refused: refused, recipes_commit: commit }): InboxItem[] => {
    if (!refused) return [];
    const [first] = refused.faults;
    const kept = commit === undefined ? 'those of before' : `those of ${commit.slice(0, 12)}`;
    const what = refused.source === undefined ? `${recipesFile} of ${project}` : `${refused.source} for ${project}`;
    const title = cut(`${what} cannot be taken: ${first?.path ?? ''} ${first?.message ?? ''}`);
    const where = refused.sha === null ? '' : `; refused at ${refused.sha.slice(0, 12)}`;
    const reason = `the recipes are ${kept} until it is mended${where}`;
    return [{ ...none, kind: 'recipes', project, title, reason, since: refused.at, entity: 'project', id: project }];
  });
}

/** Projects whose recipes come from a branch that cannot be read. */
export function unreadRecipes(projects: readonly ProjectDoc[]): InboxItem[] {
  return projects.flatMap(({ name: project, recipes_unread: unread, default_branch: branch }): InboxItem[] => {
    if (!unread) return [];
    const title = cut(`${branch} of ${project}, which brings its recipes, cannot be read`);
    return [
      {
        ...none,
        kind: 'recipes',
        project,
        title,
        reason: unread.detail,
        since: unread.since,
        entity: 'project',
        id: project,
      },
    ];
  });
}

const waiting: ReadonlySet<PatchDoc['status']> = new Set(['pr_opened', 'pushed', 'awaiting_approval']);

/** Proposals for which no place is free: people merge or close another one. */
function awaitingPlace(all: readonly PatchDoc[], names: ReadonlySet<string>): InboxItem[] {
  const open = Map.groupBy(all, ({ project }) => project);
  return all.flatMap((patch): InboxItem[] => {
    const { id, project, title, bottle, requested_at: since } = patch;
    const place = names.has(project) ? placeAwaited(patch, open.get(project) ?? []) : null;
    if (place === null) return [];
    const named = cut(title ?? bottle?.title ?? `patch ${id}`);
    return [
      { ...none, kind: 'patch', project, title: named, reason: `it waits for ${place}`, since, entity: 'patch', id },
    ];
  });
}

/** Proposals that wait for people. */
export function openProposals({ view, names }: Seen): InboxItem[] {
  const all = view.models.query().patches.allOpen();
  const shown = all
    .filter(({ project, status }) => names.has(project) && waiting.has(status))
    .map(({ id, project, title, branch, pr_url, conflicted, pr_opened_at, pushed_at, status, approval }): InboxItem => {
      const what = conflicted
        ? 'it conflicts with its base branch'
        : status === 'awaiting_approval'
          ? `nothing is pushed before you approve its diff, until ${approval?.expires_at}`
          : pr_url === null
            ? `its branch ${branch} is pushed: review it`
            : 'its pull request is open: review it';
      const since = pr_opened_at ?? pushed_at ?? approval?.requested_at ?? null;
      return {
        kind: 'patch',
        severity: null,
        project,
        title: cut(title ?? `patch ${id}`),
        reason: what,
        since,
        entity: 'patch',
        id,
        count: 1,
      };
    });
  return [...shown, ...awaitingPlace(all, names)];
}
