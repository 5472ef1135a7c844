import type { Database } from 'better-sqlite3';
import type { Occurrence } from '../../events/finding.ts';
import type { Projection } from '../define.ts';

/** What was seen in each job, in the order of its log. */
export const occurrences: Projection = {
  name: 'occurrences',
  version: 1,
  tables: { occurrences: 'job_id, ordinal' },
  schema: `
    CREATE TABLE IF NOT EXISTS occurrences (
      job_id TEXT NOT NULL, ordinal INTEGER NOT NULL, finding_id INTEGER NOT NULL, project TEXT NOT NULL,
      reading INTEGER NOT NULL, created_at TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (job_id, ordinal)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS occurrences_by_project ON occurrences (project);`,
  open: (db) => {
    const insert = db.prepare('INSERT OR IGNORE INTO occurrences VALUES (?, ?, ?, ?, ?, ?, ?)');
    const outdate = db.prepare('DELETE FROM occurrences WHERE job_id = ? AND reading < ?');
    const cascade = db.prepare('DELETE FROM occurrences WHERE project = ?');
    return {
      flush: () => {},
      on: {
        FindingsObserved: ({ data: { job_id, project, part, reading = 1, occurrences: seen }, time }) => {
          if (reading > 1) outdate.run(job_id, reading);
          for (const [index, occurrence] of seen.entries()) {
            insert.run(
              job_id,
              (part - 1) * 500 + index,
              occurrence.finding_id,
              project,
              reading,
              time,
              JSON.stringify(occurrence),
            );
          }
        },
        FindingsParsed: ({ data: { job_id, reading = 1 } }) => {
          if (reading > 1) outdate.run(job_id, reading);
        },
        ProjectRemoved: ({ data }) => {
          cascade.run(data.name);
        },
      },
    };
  },
};

/** Finds what a job saw, with the state that each finding has now. */
export function occurrenceQueries(db: Database) {
  const page = db.prepare<
    [string, number, number],
    {
      ordinal: number;
      created_at: string;
      state: string | null;
      first: string | null;
      last: string | null;
      doc: string;
    }
  >(
    `SELECT o.ordinal, o.created_at, f.state, o.doc, f.doc ->> 'first_seen_job' AS first, f.doc ->> 'last_seen_job' AS last
     FROM occurrences o LEFT JOIN findings f ON f.id = o.finding_id
     WHERE o.job_id = ? AND o.ordinal > ? ORDER BY o.ordinal LIMIT ?`,
  );
  const seen = db
    .prepare<[string, number], number>('SELECT 1 FROM occurrences WHERE job_id = ? AND finding_id = ? LIMIT 1')
    .pluck();
  return {
    /** Whether a job saw a finding. */
    saw: (jobId: string, findingId: number) => seen.get(jobId, findingId) !== undefined,
    page: (jobId: string, after: number, limit: number) =>
      page.all(jobId, after, limit).map(({ doc, ...rest }) => ({ ...rest, doc: JSON.parse(doc) as Occurrence })),
  };
}
