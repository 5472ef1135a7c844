import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Occurrence } from '../events/finding.ts';
import type { Draft } from '../events/registry.ts';
import { eventStream } from '../events/streams.ts';
import { silent } from '../services/io/log.ts';
import { connectNats } from '../services/io/nats/connection.ts';
import { openEventLog } from '../services/io/nats/log/jetstream-event-log.ts';
import { makeStreams } from '../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../services/io/nats/server/embedded-server.ts';
import { startBuild } from '../services/projector/build-read-model.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, printed } from './figure.ts';
import { historyJob, jobHistory } from './job-history.ts';

/** `npm run bench -- scale --million` takes a million events of jobs instead of 200,000. */
const jobEvents = process.argv.includes('--million') ? 1_000_000 : 200_000;
const findingJobs = 1_000;
const findingsEach = 20;
const onTheWay = 256;
const mb = 2 ** 20;

/**
 * What grows with what: bytes on disk and in the server's memory for each event and each subject, bytes of the read models,
 * and how long it takes to build them. Figures that inform; nothing is promised of them.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: silent });
    const nats = await connectNats({ ...server, name: 'bench', log: silent });
    const figures: Figure[] = [];
    const note = (what: string, unit: string, ours: number) =>
      void figures.push({ what, unit, ours, limit: null, target: null });
    try {
      await makeStreams(nats, { retentionDays: 1, replicas: 1 });
      const log = openEventLog({ nats, source: '/bench', sync: null });
      const look = async () => {
        const { state } = await nats.jsm.streams.info(eventStream.name);
        const { num_subjects: subjects = 0, messages, bytes } = state;
        return { subjects, messages, bytes, memory: residentOf(server.pid()) };
      };
      const appendAll = async (drafts: Iterable<Draft>) => {
        const source = drafts[Symbol.iterator]();
        const append = async () => {
          for (let next = source.next(); !next.done; next = source.next())
            await log.append(next.value, { durable: false });
        };
        await Promise.all(Array.from({ length: onTheWay }, append));
      };
      const empty = await look();
      await appendAll(jobHistory(jobEvents / 4));
      const jobs = await look();
      note('events of a job without findings', 'events', 4);
      note('log: an event of a job', 'bytes', jobs.bytes / jobs.messages);
      note('log: a job without findings', 'bytes', (4 * jobs.bytes) / jobs.messages);
      note('server memory: a subject', 'bytes', (jobs.memory - empty.memory) / jobs.subjects);
      await appendAll(findingHistory());
      const found = await look();
      const findings = findingJobs * findingsEach;
      note('log: a finding that is new', 'bytes', (found.bytes - jobs.bytes) / findings);
      const builtAt = performance.now();
      const folder = join(dir, 'model');
      mkdirSync(folder);
      const build = startBuild(folder, log, () => {});
      await build.advanceTo(await log.end());
      note(`read models of ${found.messages} events: building`, 's', (performance.now() - builtAt) / 1000);
      note('read models: an event', 'bytes', sizeOf(folder) / found.messages);
      build.discard();
      note('subjects', '', found.subjects);
      note('server memory, all of it', 'MB', found.memory / mb);
      note('log on disk, all of it', 'MB', found.bytes / mb);
      return figures;
    } finally {
      await nats.connection.close();
      await server.stop();
    }
  });
}

/** What the parser appends of jobs with findings that are all new: each detected, and all of them observed. */
function* findingHistory(): Generator<Draft> {
  for (let n = 0; n < findingJobs; n += 1) {
    const { job_id, project } = historyJob(n);
    const place = { project, job_id, branch: 'main', run_seq: 1 };
    const seen = Array.from({ length: findingsEach }, (_, at) => occurrence(n * findingsEach + at));
    for (const { identity, finding_id: _id, is_new: _new, ...finding } of seen) {
      const data = {
        ...place,
        identity,
        identity_version: 1,
        subproject: '.',
        recipe: 'lint',
        on_default_branch: true,
      } as const;
      yield { type: 'FindingDetected', id: identity, data: { ...data, finding } };
    }
    const observed = { job_id, project, run_seq: 1, on_default_branch: true, part: 1, parts: 1, occurrences: seen };
    yield { type: 'FindingsObserved', id: job_id, data: observed };
  }
}

/** A warning as eslint says it. */
function occurrence(n: number): Occurrence {
  const line = (n % 900) + 1;
  const message = "'total' is assigned a value but never used. Allowed unused vars must match /^_/u.";
  return {
    kind: 'lint',
    severity: 'warn',
    tool: 'eslint',
    tool_severity: '1',
    tool_code: 'no-unused-vars',
    file: `packages/part-${n % 7}/src/module-${n % 211}.ts`,
    line,
    column: 7,
    end_line: line,
    code: 'no-unused-vars',
    message,
    suggested_fix: null,
    fingerprint: n.toString(16).padStart(16, '0'),
    package: null,
    installed_version: null,
    fixed_version: null,
    aliases: [],
    url: 'https://eslint.org/docs/latest/rules/no-unused-vars',
    edits: [],
    raw_json: JSON.stringify({ ruleId: 'no-unused-vars', severity: 1, message, line, column: 7 }),
    identity: n.toString(16).padStart(32, '0'),
    finding_id: n + 1,
    is_new: true,
  };
}

/** Memory that a process holds, in bytes; 0 where that cannot be seen. */
function residentOf(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function sizeOf(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

if (import.meta.main) await printed(run);
