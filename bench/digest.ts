import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestQueries } from '../projections/digests/digest-queries.ts';
import { digests } from '../projections/digests/digests.ts';
import { mailsByRecipient, rendered, sectionOfSpan } from '../services/digester/rules/digest-mails.ts';
import { openReadStore } from '../services/io/read-store.ts';
import { type Figure, median, printed } from './figure.ts';

const projects = 200;
const jobsOfEach = 50;
const findingsOfEach = 100;
const rounds = 5;

type Store = ReturnType<typeof openReadStore>;

/** A day of a large farm as the read model holds it: every job found so much that is new, and mended a little. */
function fill({ db }: Store): number {
  const settings = db.prepare('INSERT INTO digest_settings VALUES (?, ?, ?)');
  const job = db.prepare('INSERT INTO digest_jobs VALUES (?, ?, 0, ?, ?, ?, ?, ?)');
  const change = db.prepare('INSERT INTO digest_changes VALUES (?, ?, ?, ?, ?, ?)');
  const finding = db.prepare('INSERT INTO digest_findings VALUES (?, ?, ?, 1, ?, ?, ?)');
  const time = '2026-04-29T01:00:00.000Z';
  const wishes = JSON.stringify({
    time,
    on: ['nightly_summary'],
    email_count: 1,
    schedule: { audit: '03:00' },
    enabled: true,
  });
  const outcome = { outcome: 'failed', reason: 'exited', exit_code: 1, duration_ms: 61_000, not_observed: null };
  const where = { branch: 'main', on_default: 1, findings: findingsOfEach, warnings: 90, cves: 10 };
  const tally = db
    .prepare<[number], number[]>(
      'SELECT opens, rank, count(*) FROM digest_changes WHERE run_seq = ? GROUP BY opens, rank',
    )
    .raw();
  const recipes = ['build', 'test', 'lint', 'audit'] as const;
  let seq = 0;
  const next = () => {
    seq += 1;
    return seq;
  };
  db.transaction(() => {
    for (let project = 0; project < projects; project += 1) {
      const name = `project-${project}`;
      settings.run(next(), name, wishes);
      for (let at = 0; at < jobsOfEach; at += 1) {
        const run = next();
        const [subproject, recipe] = [`clients/part-${at % 13}`, recipes[at % 4] ?? 'audit'];
        for (let one = 0; one < findingsOfEach; one += 1) {
          const id = next();
          const place = {
            subproject,
            recipe,
            file: `src/module-${one}.py`,
            line: one + 1,
            package: null,
            fixed_version: null,
          };
          const words = {
            kind: 'lint',
            severity: 'warn',
            tool: 'ruff',
            code: 'F401',
            message: '`os` imported but unused',
          };
          finding.run(id, `${id}`, name, id, one % 10, JSON.stringify({ id, ...words, ...place }));
          change.run(run, one % 7 === 0 ? 0 : 1, one % 10, id, id, 0);
        }
        const doc = JSON.stringify({ job_id: `${run}`, ...where, ...outcome, tally: tally.all(run) });
        job.run(next(), run, name, subproject, recipe, time, doc);
      }
    }
  })();
  return seq;
}

/** One mail about 200 projects with 50 jobs of 100 findings each, from the read model to text and HTML. */
export async function run(): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'ct-bench-digest-'));
  const store = openReadStore(join(dir, 'read-model.db'), [digests]);
  try {
    const end = fill(store);
    const queries = digestQueries(store.db);
    const times = Array.from({ length: rounds }, () => {
      const started = performance.now();
      const span = {
        from_seq: 0,
        to_seq: end,
        from_time: '2026-04-28T13:00:00.000Z',
        to_time: '2026-04-29T13:00:00.000Z',
      };
      const told = Array.from({ length: projects }, (_, at) => ({
        section: sectionOfSpan({ project: `project-${at}`, ...span }, queries, 'UTC'),
        recipients: [{ recipient: 'one' }],
      }));
      const mails = mailsByRecipient('2026-04-29', told).map(({ content }) => rendered(content));
      if (mails.length !== 1 || !mails[0]?.text.includes('project-199')) throw new Error('the digest is not whole');
      return performance.now() - started;
    });
    return [
      {
        what: `a digest of ${projects} projects x ${jobsOfEach} jobs x ${findingsOfEach} findings`,
        unit: 'ms',
        ours: median(times),
        limit: null,
        target: { atMost: 1000 },
      },
    ];
  } finally {
    store.close();
    rmSync(dir, { recursive: true });
  }
}

if (import.meta.main) await printed(run);
