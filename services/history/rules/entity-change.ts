import { type Static, Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';

export const comparedEntities = ['project', 'job', 'finding', 'patch'] as const;
export type ComparedEntity = (typeof comparedEntities)[number];

const Fields = Type.Record(Type.String(), Type.Unknown());

/** What is different about one thing as of two points of the log, and the events that made it so. */
export const EntityChange = Type.Object(
  {
    entity: oneOf(comparedEntities),
    id: Type.String(),
    project: Type.String(),
    change: oneOf(['added', 'changed', 'removed']),
    before: nullable(Fields),
    after: nullable(Fields),
    events: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        time: Type.String(),
        type: Type.String(),
        by: Type.Optional(Type.String()),
      }),
    ),
    more_events: Type.Integer({ description: 'events about it in the range that are not listed' }),
  },
  { title: 'EntityChange' },
);
export type EntityChange = Static<typeof EntityChange>;

type Doc = Readonly<Record<string, unknown>>;

/** What tells a thing from others of its kind; shown when it came or went. */
const names: Record<ComparedEntity, readonly string[]> = {
  project: ['owner', 'git_url', 'default_branch', 'created_at'],
  job: ['subproject', 'recipe', 'branch', 'purpose', 'requested_by', 'enqueued_at'],
  finding: ['kind', 'tool', 'code', 'subproject', 'recipe', 'created_at'],
  patch: ['finding_id', 'attempt_number', 'subproject', 'recipe', 'requested_by', 'requested_at'],
};

/** What is compared. A run that merely sees a finding once more is no difference. */
const compared: Record<Exclude<ComparedEntity, 'project'>, readonly string[]> = {
  job: [
    ...['status', 'reason', 'detail', 'exit_code', 'signal', 'sha', 'cancel_requested_by', 'findings_count'],
    ...['new_findings_count', 'resolved_findings_count', 'not_observed', 'not_observed_count'],
  ],
  finding: ['state', 'severity', 'message', 'file', 'line', 'fixed_version', 'suppression'],
  patch: [
    ...['status', 'open', 'method', 'branch', 'commit', 'pr_number', 'pr_url', 'title', 'comments', 'conflicted'],
    ...['refreshed', 'taken_over', 'failure', 'reconsidered'],
  ],
};

/** References into the vault and what every write moves. */
const unshown = new Set(['credential_ref', 'email_ref', 'assignees_ref', 'target_ref', 'seq', 'updated_at', 'name']);
const mostFields = 50;
const mostChars = 500;

/** The fields of a document that are compared, flat: a subproject is named by its path. */
function fieldsOf(entity: ComparedEntity, doc: Doc): Map<string, unknown> {
  if (entity === 'project') return new Map(flat(doc, ''));
  return new Map(compared[entity].map((name) => [name, doc[name] ?? null]));
}

function* flat(value: Doc, prefix: string): Generator<[string, unknown]> {
  for (const [name, one] of Object.entries(value)) {
    if (unshown.has(name)) continue;
    const path = `${prefix}${name}`;
    const items = keyed(one);
    if (items) for (const [key, item] of items) yield* flat(item, `${path}[${key}].`);
    else if (isDoc(one)) yield* flat(one, `${path}.`);
    else yield [path, one];
  }
}

const isDoc = (value: unknown): value is Doc => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list of subprojects or webhooks by their names, so that one that changed does not show all of them. */
function keyed(list: unknown): [string, Doc][] | null {
  if (!Array.isArray(list) || list.length === 0 || !list.every(isDoc)) return null;
  const keyOf = ({ path, id }: { path?: unknown; id?: unknown }) => path ?? id;
  return list.every((one) => typeof keyOf(one) === 'string') ? list.map((one) => [String(keyOf(one)), one]) : null;
}

/** Compares a thing as of two points of the log; null when nothing that counts differs. */
export function compareDocs(
  entity: ComparedEntity,
  before: Doc | null,
  after: Doc | null,
): Pick<EntityChange, 'change' | 'before' | 'after'> | null {
  if (before === null && after === null) return null;
  if (before === null) return { change: 'added', before: null, after: summaryOf(entity, after ?? {}) };
  if (after === null) return { change: 'removed', before: summaryOf(entity, before), after: null };
  const [was, is] = [fieldsOf(entity, before), fieldsOf(entity, after)];
  const differing = [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => JSON.stringify(was.get(name) ?? null) !== JSON.stringify(is.get(name) ?? null),
  );
  if (differing.length === 0) return null;
  const only = (fields: ReadonlyMap<string, unknown>) =>
    Object.fromEntries(differing.slice(0, mostFields).map((name) => [name, clipped(fields.get(name) ?? null)]));
  return { change: 'changed', before: only(was), after: only(is) };
}

function summaryOf(entity: ComparedEntity, doc: Doc): Record<string, unknown> {
  const state = entity === 'project' ? [] : compared[entity].filter((name) => doc[name] != null);
  return Object.fromEntries([...names[entity], ...state].map((name) => [name, clipped(doc[name] ?? null)]));
}

function clipped(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= mostChars) return value;
  return `${text.slice(0, mostChars)}…`;
}
