import type { Database } from 'better-sqlite3';
import { type RecipeName, recipeNames } from '../../events/fields.ts';
import type { ProjectDocument } from '../../events/projects/project.ts';
import type { EventData } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';

/** The times of one recipe of a project, and how they were used last. */
export type ScheduleDoc = {
  project: string;
  recipe: RecipeName;
  when: string;
  /** Null: the usual one. */
  timezone: string | null;
  catch_up: 'last' | 'none';
  jitter_secs: number;
  enabled: boolean;
  /** Since when its times have been these, and enabled. */
  since: string;
  last: ScheduleRun | null;
};

type ScheduleRun = Pick<EventData<'ScheduleFired'>, 'slot' | 'why' | 'missed' | 'by' | 'jobs'> & { at: string };

/** The head of a watched branch. */
type SeenHead = { sha: string; seen_at: string; seq: number };

/** Schedules, the slots that were used, and the heads of branches. What was a head is remembered when its project is gone. */
export const schedules: Projection = {
  name: 'schedules',
  version: 2,
  tables: { schedules: 'name', schedule_slots: 'project, recipe, slot', branch_heads: 'project, branch, sha' },
  schema: `
    CREATE TABLE IF NOT EXISTS schedules (
      name TEXT PRIMARY KEY, project TEXT NOT NULL, owner TEXT NOT NULL, enabled INTEGER NOT NULL, doc TEXT NOT NULL)
      WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS schedules_by_project ON schedules (project);
    CREATE TABLE IF NOT EXISTS schedule_slots (
      project TEXT NOT NULL, recipe TEXT NOT NULL, slot TEXT NOT NULL, seq INTEGER NOT NULL,
      PRIMARY KEY (project, recipe, slot)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS branch_heads (
      project TEXT NOT NULL, branch TEXT NOT NULL, sha TEXT NOT NULL, times INTEGER NOT NULL, seq INTEGER NOT NULL,
      seen_at TEXT NOT NULL, watched INTEGER NOT NULL, PRIMARY KEY (project, branch, sha)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS branch_heads_newest ON branch_heads (project, branch, seq) WHERE watched = 1;`,
  open: openSchedules,
};

const keptSlots = 100;
const defaults = { catch_up: 'last', jitter_secs: 60 } as const;
const keyOf = (project: string, recipe: RecipeName) => `${project}/${recipe}`;

/** Long: a reducer, one step an event. */
function openSchedules(db: Database) {
  const owners = new Map<string, string>();
  const handOver = db.prepare('UPDATE schedules SET owner = ? WHERE project = ?');
  const findOwner = db.prepare<[string], string>('SELECT owner FROM schedules WHERE name = ?').pluck();
  const use = db.prepare('INSERT OR IGNORE INTO schedule_slots VALUES (?, ?, ?, ?)');
  const forget = db.prepare(
    `DELETE FROM schedule_slots WHERE project = @project AND recipe = @recipe AND seq <= (
       SELECT seq FROM schedule_slots WHERE project = @project AND recipe = @recipe ORDER BY seq DESC LIMIT 1 OFFSET ${keptSlots})`,
  );
  const forgetAll = db.prepare('DELETE FROM schedule_slots WHERE project = ?');
  const seeHead = db.prepare(
    `INSERT INTO branch_heads VALUES (?, ?, ?, 1, ?, ?, 1)
     ON CONFLICT DO UPDATE SET times = times + 1, seq = excluded.seq, seen_at = excluded.seen_at, watched = 1`,
  );
  const leaveHeads = db.prepare('UPDATE branch_heads SET watched = 0 WHERE project = ?');
  const docs = docTable<ScheduleDoc>(db, {
    table: 'schedules',
    key: 'name',
    columns: ['project', 'owner', 'enabled'],
    values: (doc) => {
      const key = keyOf(doc.project, doc.recipe);
      return [doc.project, owners.get(key) ?? findOwner.get(key) ?? '', doc.enabled ? 1 : 0];
    },
    changing: ['owner', 'enabled'],
  });
  const keep = ({ data, time }: { data: ProjectDocument; time: string }) => {
    for (const recipe of recipeNames) {
      const key = keyOf(data.name, recipe);
      const before = docs.get(key);
      const doc = scheduleOf(data, recipe, { before, time });
      if (doc) {
        owners.set(key, data.owner);
        docs.set(key, doc);
      } else if (before) docs.delete(key);
    }
  };
  return {
    flush: () => {
      docs.flush();
      owners.clear();
    },
    on: {
      ProjectRegistered: keep,
      ProjectUpdated: keep,
      ScheduleFired: ({ data, seq, time }) => {
        const { project, recipe, slot, why, missed, by, jobs } = data;
        const doc = docs.get(keyOf(project, recipe));
        if (doc) docs.set(keyOf(project, recipe), { ...doc, last: { slot, why, missed, by, at: time, jobs } });
        if (why === 'asked') return;
        use.run(project, recipe, slot, seq);
        forget.run({ project, recipe });
      },
      BranchHeadSeen: ({ data, seq, time }) => seeHead.run(data.project, data.branch, data.sha, seq, time),
      ProjectHandedOver: ({ data: { name, to } }) => {
        docs.flush();
        owners.clear();
        handOver.run(to, name);
      },
      ProjectRemoved: ({ data }) => {
        docs.deleteWhere('project', data.name);
        forgetAll.run(data.name);
        leaveHeads.run(data.name);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

function scheduleOf(
  { name: project, schedule, enabled: isProjectEnabled }: ProjectDocument,
  recipe: RecipeName,
  { before, time }: { before: ScheduleDoc | undefined; time: string },
): ScheduleDoc | null {
  const { timezone = null, catch_up = defaults.catch_up, jitter_secs = defaults.jitter_secs } = schedule;
  const when = schedule[recipe];
  if (when === undefined) return null;
  const enabled = isProjectEnabled && !schedule.disabled?.includes(recipe);
  const goesOn = before?.when === when && before.timezone === timezone && (before.enabled || !enabled);
  const since = goesOn ? before.since : time;
  return { project, recipe, when, timezone, catch_up, jitter_secs, enabled, since, last: before?.last ?? null };
}

type SchedulePage = {
  /** Null: any. */
  readonly owner: string | null;
  readonly among?: readonly string[] | null;
  readonly project: string | null;
  readonly after: string;
  readonly limit: number;
};

/** Finds schedules of projects that exist, used slots and heads. */
export function scheduleQueries(db: Database) {
  const ofProjects = 'FROM schedules s JOIN projects p ON p.name = s.project AND p.owner = s.owner';
  const one = db.prepare<[string], string>(`SELECT s.doc ${ofProjects} WHERE s.name = ?`).pluck();
  const enabled = db.prepare<[], string>(`SELECT s.doc ${ofProjects} WHERE s.enabled = 1 ORDER BY s.name`).pluck();
  const page = db
    .prepare<
      { owner: string | null; names: string | null; project: string | null; after: string; limit: number },
      string
    >(
      `SELECT s.doc ${ofProjects} WHERE s.name > @after AND (@owner IS NULL OR s.owner = @owner)
         AND (@names IS NULL OR s.project IN (SELECT value FROM json_each(@names)))
         AND (@project IS NULL OR s.project = @project) ORDER BY s.name LIMIT @limit`,
    )
    .pluck();
  const lastUsed = db
    .prepare<[string, string, string], string | null>(
      'SELECT max(slot) FROM schedule_slots WHERE project = ? AND recipe = ? AND slot <= ?',
    )
    .pluck();
  const newest = db.prepare<[string, string], SeenHead>(
    'SELECT sha, seen_at, seq FROM branch_heads WHERE project = ? AND branch = ? AND watched = 1 ORDER BY seq DESC LIMIT 1',
  );
  const times = db
    .prepare<[string, string, string], number>(
      'SELECT times FROM branch_heads WHERE project = ? AND branch = ? AND sha = ?',
    )
    .pluck();
  const parsed = (doc: string) => JSON.parse(doc) as ScheduleDoc;
  return {
    find: (project: string, recipe: RecipeName): ScheduleDoc | undefined => {
      const doc = one.get(keyOf(project, recipe));
      return doc === undefined ? undefined : parsed(doc);
    },
    /** Those whose slots are to be used. */
    enabled: () => enabled.all().map(parsed),
    page: ({ among = null, ...asked }: SchedulePage) =>
      page.all({ ...asked, names: among === null ? null : JSON.stringify(among) }).map(parsed),
    /** The last slot that was used, of those up to a time; null for none. */
    lastUsed: (project: string, recipe: RecipeName, until: string) => lastUsed.get(project, recipe, until) ?? null,
    head: (project: string, branch: string) => newest.get(project, branch) ?? null,
    /** How often a commit has been the head of a branch. */
    timesHead: (project: string, branch: string, sha: string) => times.get(project, branch, sha) ?? 0,
  };
}
