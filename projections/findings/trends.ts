import type { Database } from 'better-sqlite3';
import type { Projection } from '../define.ts';

/**
 * How many findings of a kind and severity moved on a day (UTC). `opened`: seen for the first time or again; `closed`: gone,
 * proven by a run; `suppressed` and `unsuppressed`: somebody decided, or took that back, or its end had come.
 */
type TrendRow = {
  readonly day: string;
  readonly kind: string;
  readonly severity: string;
  readonly opened: number;
  readonly closed: number;
  readonly suppressed: number;
  readonly unsuppressed: number;
};

/** Per project and day: what became open on the default branch, and what no longer is: mended, or suppressed. */
export const trends: Projection = {
  name: 'trends',
  version: 2,
  tables: { trends: 'project, day, kind, severity', standing: 'identity' },
  schema: `
    CREATE TABLE IF NOT EXISTS trends (
      project TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
      opened INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
      suppressed INTEGER NOT NULL DEFAULT 0, unsuppressed INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (project, day, kind, severity)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS standing (
      identity TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
      open INTEGER NOT NULL, suppressed INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS standing_by_project ON standing (project);`,
  open: openTrends,
};

type Standing = { project: string; kind: string; severity: string; open: number; suppressed: number };

function openTrends(db: Database) {
  const find = db.prepare<[string], Standing>(
    'SELECT project, kind, severity, open, suppressed FROM standing WHERE identity = ?',
  );
  const keep = db.prepare('INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?)');
  const count = db.prepare(
    `INSERT INTO trends VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET opened = opened + excluded.opened, closed = closed + excluded.closed,
       suppressed = suppressed + excluded.suppressed, unsuppressed = unsuppressed + excluded.unsuppressed`,
  );
  const move = (identity: string, time: string, next: (before: Standing) => Standing) => {
    const before = find.get(identity);
    if (!before) return;
    const now = next(before);
    keep.run(identity, now.project, now.kind, now.severity, now.open, now.suppressed);
    const [was, is] = [before.open && !before.suppressed, now.open && !now.suppressed].map(Number) as [number, number];
    if (was === is) return;
    const decided = before.suppressed !== now.suppressed;
    const moved = decided ? [0, 0, was, is] : [is, was, 0, 0];
    count.run(now.project, time.slice(0, 10), now.kind, now.severity, ...moved);
  };
  return {
    flush: () => {},
    on: {
      FindingDetected: ({ data: { identity, project, finding, on_default_branch }, time }) => {
        const { kind, severity } = finding;
        keep.run(identity, project, kind, severity, Number(on_default_branch), 0);
        if (on_default_branch) count.run(project, time.slice(0, 10), kind, severity, 1, 0, 0, 0);
      },
      FindingReopened: ({ data, time }) => move(data.identity, time, (before) => ({ ...before, open: 1 })),
      FindingResolved: ({ data, time }) => move(data.identity, time, (before) => ({ ...before, open: 0 })),
      FindingUnwatched: ({ data, time }) => move(data.identity, time, (before) => ({ ...before, open: 0 })),
      FindingSuppressed: ({ data, time }) => move(data.identity, time, (before) => ({ ...before, suppressed: 1 })),
      FindingUnsuppressed: ({ data, time }) => move(data.identity, time, (before) => ({ ...before, suppressed: 0 })),
      ProjectRemoved: ({ data: { name } }) => {
        for (const table of ['trends', 'standing']) db.prepare(`DELETE FROM ${table} WHERE project = ?`).run(name);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

/** `opened`: seen for the first time or again; `net`: by how many the open ones grew. */
type DayMoves = {
  readonly project: string;
  readonly day: string;
  readonly opened: number;
  readonly net: number;
};

/** Finds the days of a project. */
export function trendQueries(db: Database) {
  const days = db.prepare<[string], TrendRow>(
    'SELECT day, kind, severity, opened, closed, suppressed, unsuppressed FROM trends WHERE project = ? ORDER BY day, kind, severity',
  );
  const moves = db.prepare<[string, string], DayMoves>(
    `SELECT project, day, sum(opened) AS opened, sum(opened + unsuppressed - closed - suppressed) AS net FROM trends
     WHERE project IN (SELECT value FROM json_each(?)) AND day >= ? GROUP BY project, day`,
  );
  return {
    days: (project: string) => days.all(project),
    /** What moved in each of these projects, day by day from a date on. */
    movesSince: (projects: readonly string[], day: string) => moves.all(JSON.stringify(projects), day),
  };
}
