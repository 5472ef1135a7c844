import type { Database } from 'better-sqlite3';
import type { WorkDoc } from './work-document.ts';
import type { WorkPart } from './works.ts';

type WorkFilter = {
  /** Null: any. */
  readonly owner: string | null;
  readonly among?: readonly string[] | null;
  readonly project: string | null;
  /** Whether only what is not over is wanted. */
  readonly live: boolean;
  /** Only works that were asked for before this sequence. */
  readonly before: number;
  readonly limit: number;
};

/** Finds works; pages hold documents as ready JSON text, the last asked for first. */
export function workQueries(db: Database) {
  const parsed = (doc: string) => JSON.parse(doc) as WorkDoc;
  const one = db.prepare<[string], { owner: string; doc: string }>('SELECT owner, doc FROM works WHERE work_id = ?');
  const live = db.prepare<[], string>('SELECT doc FROM works WHERE live = 1 ORDER BY seq').pluck();
  const ofPart = db
    .prepare<[WorkPart, string], string>('SELECT work_id FROM work_parts WHERE kind = ? AND id = ?')
    .pluck();
  const ofPull = db
    .prepare<[string, number], string>(
      'SELECT doc FROM works WHERE live = 1 AND repository = ? COLLATE NOCASE AND pull = ? ORDER BY seq',
    )
    .pluck();
  const comments = db.prepare<[string], { kind: string; comment_id: number }>(
    'SELECT kind, comment_id FROM work_comments WHERE work_id = ?',
  );
  return {
    find: (id: string): { owner: string; doc: WorkDoc } | undefined => {
      const found = one.get(id);
      return found && { owner: found.owner, doc: parsed(found.doc) };
    },
    live: () => live.all().map(parsed),
    ofBottle: (id: string) => ofPart.get('bottle', id),
    ofPatch: (id: string) => ofPart.get('patch', id),
    ofPull: (repository: string, number: number) => ofPull.all(repository, number).map(parsed),
    /** `<kind> <id>` of every comment that was seen there. */
    seen: (id: string): ReadonlySet<string> => new Set(comments.all(id).map((row) => `${row.kind} ${row.comment_id}`)),
    page: ({ owner, among = null, project, live: onlyLive, before, limit }: WorkFilter) =>
      db
        .prepare<unknown[], { seq: number; doc: string }>(
          `SELECT seq, doc FROM works WHERE seq < ?
           AND (? IS NULL OR owner = ?) AND (? IS NULL OR project = ?) AND (? = 0 OR live = 1)
           AND (? IS NULL OR project IN (SELECT value FROM json_each(?))) ORDER BY seq DESC LIMIT ?`,
        )
        .all(
          ...[before, owner, owner, project, project, onlyLive ? 1 : 0],
          ...[among === null ? null : 1, JSON.stringify(among ?? []), limit],
        ),
  };
}
