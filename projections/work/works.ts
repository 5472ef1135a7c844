import type { Database } from 'better-sqlite3';
import type { EventName, Recorded } from '../../events/registry.ts';
import { docTable, type Handlers, type Projection } from '../define.ts';
import { attemptChangesOfWork, bottleChanges, workChanges } from './work-changes.ts';
import { targetedWork, type WorkDoc } from './work-document.ts';

/** Issues on which agents work, and which comments were seen there. */
export const works: Projection = {
  name: 'works',
  version: 2,
  tables: { works: 'work_id', work_parts: 'kind, id', work_comments: 'work_id, kind, comment_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS works (
      work_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, project TEXT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
      live INTEGER NOT NULL, repository TEXT NOT NULL, issue INTEGER NOT NULL, pull INTEGER, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS works_by_seq ON works (seq);
    CREATE INDEX IF NOT EXISTS works_live ON works (seq) WHERE live = 1;
    CREATE INDEX IF NOT EXISTS works_by_project ON works (project);
    CREATE TABLE IF NOT EXISTS work_parts (
      kind TEXT NOT NULL, id TEXT NOT NULL, work_id TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS work_parts_of ON work_parts (work_id);
    CREATE TABLE IF NOT EXISTS work_comments (
      work_id TEXT NOT NULL, kind TEXT NOT NULL, comment_id INTEGER NOT NULL,
      PRIMARY KEY (work_id, kind, comment_id)) WITHOUT ROWID;`,
  open: openWorks,
};

/** What a work is found by. */
export type WorkPart = 'bottle' | 'patch';

/** Long: a reducer, one step an event. */
function openWorks(db: Database) {
  const owners = new Map<string, string>();
  const findOwner = db.prepare<[string], string>('SELECT owner FROM works WHERE work_id = ?').pluck();
  const handOver = db.prepare('UPDATE works SET owner = ? WHERE project = ?');
  const keepPart = db.prepare('INSERT OR REPLACE INTO work_parts VALUES (?, ?, ?)');
  const workOf = db
    .prepare<[WorkPart, string], string>('SELECT work_id FROM work_parts WHERE kind = ? AND id = ?')
    .pluck();
  const keepComment = db.prepare('INSERT OR IGNORE INTO work_comments VALUES (?, ?, ?)');
  const withoutParts = ['work_parts', 'work_comments'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE work_id IN (SELECT work_id FROM works WHERE project = ?)`),
  );
  const docs = docTable<WorkDoc>(db, {
    table: 'works',
    key: 'work_id',
    columns: ['seq', 'project', 'owner', 'state', 'live', 'repository', 'issue', 'pull'],
    values: (doc) => [
      ...[doc.seqs.targeted, doc.project, owners.get(doc.id) ?? findOwner.get(doc.id) ?? '', doc.state],
      ...[doc.state === 'ended' ? 0 : 1, doc.repository, doc.issue, doc.pull?.number ?? null],
    ],
    changing: ['seq', 'state', 'live', 'repository', 'pull'],
  });
  const change = (id: string | undefined, time: string, next: (doc: WorkDoc) => WorkDoc) => {
    const doc = id === undefined ? undefined : docs.get(id);
    if (doc) docs.set(doc.id, { ...next(doc), updated_at: time });
  };
  /** The table of changes says what happens; `idOf` says to which work. */
  const handlers = (
    table: object,
    idOf: (data: Record<string, unknown>) => string | undefined,
    live = false,
  ): Handlers =>
    Object.fromEntries(
      Object.entries(table as Record<string, (doc: WorkDoc, event: Recorded) => WorkDoc>).map(([name, next]) => [
        name,
        (event: Recorded) =>
          change(idOf(event.data), event.time, (doc) => (live && doc.state === 'ended' ? doc : next(doc, event))),
      ]),
    ) as Handlers;
  const ofWork = handlers(stillLive(workChanges), (data) => String(data.work_id));
  const ofBottle = handlers(bottleChanges, ({ bottle_id: id }) => currentOf('bottle', String(id)));
  const ofAttempt = handlers(attemptChangesOfWork, ({ patch_id: id }) => currentOf('patch', String(id)), true);
  /** Only the newest bottle and attempt of a work say how it stands. */
  function currentOf(kind: WorkPart, id: string): string | undefined {
    const work = workOf.get(kind, id);
    const doc = work === undefined ? undefined : docs.get(work);
    return (kind === 'bottle' ? doc?.bottle_id : doc?.patch_id) === id ? work : undefined;
  }
  const also = <N extends EventName>(name: N, keep: (event: Recorded<N>) => void) => ({
    [name]: (event: Recorded<N>) => {
      keep(event);
      (ofWork[name] as ((event: Recorded<N>) => void) | undefined)?.(event);
    },
  });
  return {
    flush: () => {
      docs.flush();
      owners.clear();
    },
    on: {
      ...ofWork,
      ...ofBottle,
      ...ofAttempt,
      IssueTargeted: ({ data, seq, time }) => {
        owners.set(data.work_id, data.owner);
        docs.set(data.work_id, targetedWork(data, { before: docs.get(data.work_id), seq, time }));
      },
      ...also('WorkTurnAsked', ({ data }) => void keepPart.run('bottle', data.bottle_id, data.work_id)),
      ...also('WorkProposed', ({ data }) => void keepPart.run('patch', data.patch_id, data.work_id)),
      ...also('WorkCommanded', ({ data }) => void keepComment.run(data.work_id, 'command', data.comment_id)),
      ...also('ReviewCommented', ({ data }) => {
        for (const { kind, id } of data.comments) keepComment.run(data.work_id, kind, id);
      }),
      ProjectHandedOver: ({ data: { name, to } }) => {
        docs.flush();
        owners.clear();
        handOver.run(to, name);
      },
      ProjectRemoved: ({ data: { name } }) => {
        docs.flush();
        for (const remove of withoutParts) remove.run(name);
        docs.deleteWhere('project', name);
      },
    } satisfies Handlers,
  };
}

/** What a round may still be told once it is over; of anything else that came too late only the sequence is kept. */
const afterTheEnd = new Set(['IssueUntargeted', 'WorkCommanded', 'WorkStatusPosted']);

function stillLive(table: object): object {
  const changes = Object.entries(table as Record<string, (doc: WorkDoc, event: Recorded) => WorkDoc>);
  return Object.fromEntries(
    changes.map(([name, next]) => [
      name,
      (doc: WorkDoc, event: Recorded): WorkDoc => {
        const then = next(doc, event);
        return doc.state === 'ended' && !afterTheEnd.has(name) ? { ...doc, seqs: then.seqs } : then;
      },
    ]),
  );
}
