import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEnqueuedData, RecipeExitedData } from '../../../events/jobs/job.ts';
import { hintBucket, leaseBucket } from '../../../events/streams.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { openWorkspaces } from '../../../services/io/git/trees/workspaces.ts';
import { type Log, silent } from '../../../services/io/log.ts';
import type { LogStream } from '../../../services/io/log-stream.ts';
import { openLogStream } from '../../../services/io/nats/output/jetstream-log-stream.ts';
import { openBucket } from '../../../services/io/nats/stores/bucket.ts';
import { openProcesses } from '../../../services/io/process/open-processes.ts';
import { openSandbox } from '../../../services/io/sandbox/open-sandbox.ts';
import type { Vault } from '../../../services/io/sealing/vault.ts';
import { newJobId } from '../../../services/jobs/new-job-id.ts';
import { openJobHomes } from '../../../services/runner/home/job-home.ts';
import { type RunnerDeps, type RunningRunner, startRunner } from '../../../services/runner/runner.ts';
import { sampleData } from '../../events/stored-payloads.ts';
import { withNats } from '../../support/farm-parts.ts';
import { makeRepository } from '../../support/git-repository.ts';
import { paced } from '../../support/pace.ts';
import { until } from '../../support/until.ts';

export type Stage = {
  readonly dir: string;
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly leases: RunnerDeps['leases'];
  /** Starts one more runner on this log. */
  runner(changes?: Partial<RunnerDeps>): Promise<RunningRunner>;
  enqueue(command: string, changes?: Partial<JobEnqueuedData>): Promise<string>;
  cancel(jobId: string): Promise<void>;
  /** Resolves with the end of a job. */
  exit(jobId: string): Promise<RecipeExitedData>;
  /** What a job printed, both pipes in order. */
  output(jobId: string): Promise<string>;
  /** The types of a job's events, in order. */
  story(jobId: string): Promise<string[]>;
};

const noVault: Vault = {
  put: async () => '',
  get: async () => '{"username":"u","password":"hidden-password"}',
  erase: async () => {},
};

/** Runners with real processes, workspaces and a real log; all closed when the work is over. */
export function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  return withNats(async ({ dir, nats, log }) => {
    const [leases, hints] = await Promise.all(
      [leaseBucket, hintBucket].map((bucket) => openBucket(nats, { ...bucket, replicas: 1 })),
    );
    if (!leases || !hints) throw new Error('no buckets');
    const logs = openLogStream(nats);
    const processes = await openProcesses();
    const repository = makeRepository(join(dir, 'repository'));
    const opened: RunningRunner[] = [];
    const closers: (() => Promise<void>)[] = [];
    const runner = async (changes: Partial<RunnerDeps> = {}) => {
      const name = changes.runner ?? randomUUID();
      const workspaces = openWorkspaces({ dir: join(dir, name), allowLocal: true, onTrouble: () => {} });
      closers.push(() => workspaces.close());
      const running = await startRunner({
        log,
        logs,
        workspaces,
        processes,
        vault: noVault,
        logger: silent,
        clock: systemClock,
        environment: { PATH: process.env.PATH ?? '' },
        maxLogBytes: 1_000_000,
        jobEnv: {},
        sandbox: await openSandbox({ want: 'none', processes, env: {}, cacheDir: dir, own: [], show: [tmpdir()] }),
        homes: openJobHomes({
          dir: join(dir, name, 'homes'),
          cacheDir: join(dir, 'caches'),
          hasLayers: false,
          onTrouble: () => {},
        }),
        runner: name,
        slots: 2,
        leases,
        hints,
        leaseTimes: { renewMs: 100, lostAfterMs: paced(600) },
        ...changes,
      });
      opened.push(running);
      return running;
    };
    const enqueue = async (command: string, changes: Partial<JobEnqueuedData> = {}) => {
      const job_id = newJobId();
      const sample = sampleData('JobEnqueued');
      const snapshot = { ...sample.snapshot, git_url: repository };
      const data = { ...sample, job_id, command, env: {}, concurrency: {}, snapshot, ...changes };
      await log.append({ type: 'JobEnqueued', id: job_id, data }, { expect: 0 });
      return job_id;
    };
    const exit = async (jobId: string) => {
      const event = await until(() => log.last('RecipeExited', jobId), `the end of ${jobId}`);
      return event.data;
    };
    const output = async (jobId: string) => {
      let text = '';
      await logs.read(jobId, {}, ({ bytes }) => {
        text += Buffer.from(bytes).toString();
      });
      return text;
    };
    const story = async (jobId: string) => {
      const types: string[] = [];
      for (let seq = 1; seq <= (await log.end()); seq += 1) {
        const event = await log.at(seq);
        if (event?.entityId === jobId) types.push(event.type);
      }
      return types;
    };
    const cancel = async (job_id: string) => {
      await log.append({
        type: 'JobCancelRequested',
        id: job_id,
        data: sampleData('JobCancelRequested', { job_id }),
      });
    };
    try {
      return await work({ dir, log, logs, leases, runner, enqueue, cancel, exit, output, story });
    } finally {
      await Promise.all(opened.map((one) => one.close()));
      await processes.close();
      for (const close of closers) await close();
    }
  });
}

/** A log of ours that keeps what was said. */
export function listening(): { logger: Log; said: string[] } {
  const said: string[] = [];
  const say = (_facts: unknown, message?: string) => void said.push(String(message));
  return { said, logger: { trace: say, debug: say, info: say, warn: say, error: say } as Log };
}
