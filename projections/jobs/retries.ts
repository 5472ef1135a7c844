import type { Database } from 'better-sqlite3';
import type { Projection } from '../define.ts';

/** Jobs that are to be tried again because what is around them had failed, until somebody runs the same. */
export const retries: Projection = {
  name: 'retries',
  version: 1,
  tables: { retries: 'job_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS retries (
      job_id TEXT PRIMARY KEY, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, branch TEXT NOT NULL,
      retry_at TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS retries_of ON retries (project, subproject, recipe, branch);
    CREATE INDEX IF NOT EXISTS retries_due ON retries (retry_at);`,
  open: (db) => {
    const plan = db.prepare('INSERT OR REPLACE INTO retries VALUES (?, ?, ?, ?, ?, ?)');
    const drop = db.prepare('DELETE FROM retries WHERE project = ? AND subproject = ? AND recipe = ? AND branch = ?');
    const cascade = db.prepare('DELETE FROM retries WHERE project = ?');
    return {
      flush: () => {},
      on: {
        JobEnqueued: ({ data: { project, subproject, recipe, branch, purpose } }) => {
          if (purpose === 'requested' || purpose === 'scheduled') drop.run(project, subproject, recipe, branch);
        },
        FindingsParsed: ({ data: { job_id, project, retry } }) => {
          if (retry) plan.run(job_id, project, retry.subproject, retry.recipe, retry.branch, retry.at);
        },
        ProjectUpdated: ({ data }) => {
          if (!data.enabled) cascade.run(data.name);
        },
        ProjectRemoved: ({ data }) => {
          cascade.run(data.name);
        },
      },
    };
  },
};

/** Finds the jobs whose next try is due. */
export function retryQueries(db: Database) {
  const due = db.prepare<[string, number], { job_id: string; project: string }>(
    'SELECT job_id, project FROM retries WHERE retry_at <= ? ORDER BY retry_at, job_id LIMIT ?',
  );
  return { due: (now: string, limit: number) => due.all(now, limit) };
}
