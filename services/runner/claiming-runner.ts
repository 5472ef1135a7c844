import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ulid } from 'ulid';
import { messageOf } from '../floor/app-error.ts';
import { version as ownVersion } from '../floor/version.ts';
import type { EventLog } from '../io/event-log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { Nats } from '../io/nats/connection.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { JobOrder } from '../jobs/claim-protocol.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { askFarm, claimLog, claimLogs, claimSecrets, claimVault } from './farm-claims.ts';
import { openReadiness, serviceVersionKey } from './readiness.ts';
import { runJob, type StopReason } from './run-job.ts';
import type { RunnerDeps, RunningRunner } from './runner.ts';

/** Pauses between two questions for a job, in ms; they double while there is none. */
const pauses = { first: 50, longest: 400 };

/**
 * A runner with a credential of its own: it asks for jobs, is handed one at a time, and says how it went. It sees no log, no
 * other job and no key of the farm.
 */
export async function startClaimingRunner(deps: RunnerDeps & { readonly nats: Nats }): Promise<RunningRunner> {
  const { nats, runner, slots, logger, leaseTimes = { renewMs: 5_000 } } = deps;
  const lease = ulid().toLowerCase();
  const place = { nats, runner, lease };
  const levels = { containment: deps.processes.containment, sandbox: deps.sandbox.level };
  const running = new Map<string, { abort: (reason: StopReason) => void; done: Promise<void> }>();
  const stopping = new AbortController();
  let serviceVersion: string | null = null;
  let closing = false;

  const readiness = openReadiness({
    version: deps.version ?? ownVersion,
    hints: versionHint(() => serviceVersion),
    ...(deps.shortage ? { shortage: deps.shortage } : {}),
    labels: deps.labels ?? [],
    findLabels: deps.findLabels ?? (async () => []),
    logger,
    onLabels: () => void beat(),
  });
  const beat = async () => {
    const labels = [...readiness.labels()].slice(0, 256);
    const facts = { host: hostname(), slots, ...levels, labels, draining: closing };
    try {
      const { version, stop } = await askFarm(place, 'beat', { lease, facts, running: [...running.keys()] });
      serviceVersion = version;
      await readiness.look();
      for (const { job_id, reason } of stop) running.get(job_id)?.abort(reason);
    } catch (error) {
      if (!closing) logger.warn({ error: messageOf(error) }, 'the farm does not hear this runner');
    }
  };
  const run = (order: JobOrder) => {
    const { job_id: jobId } = order.data;
    const job: OpenJob = { ...order, state: 'running', runner, lease, cancelRequested: false };
    const controller = new AbortController();
    const jobPlace = { ...place, jobId };
    const own = {
      ...deps,
      mayAsk: false,
      log: claimLog(jobPlace) as EventLog,
      logs: claimLogs(place) as LogStream,
      vault: claimVault(jobPlace) as Vault,
      findSecrets: claimSecrets(jobPlace),
    };
    const done = runJob(job, controller.signal, own)
      .catch((error) =>
        // The farm hands it over once more for as long as it has no end.
        logger.error({ job_id: jobId, error: messageOf(error) }, 'a job could not be brought to its end'),
      )
      .finally(() => running.delete(jobId));
    running.set(jobId, { abort: (reason) => controller.abort(reason), done });
  };
  const claim = async () => {
    for (let pause = pauses.first; !stopping.signal.aborted; ) {
      const isFree = !closing && readiness.refusal() === null && running.size < slots;
      const order = isFree ? await ask() : null;
      if (order && !running.has(order.data.job_id)) {
        run(order);
        pause = pauses.first;
        continue;
      }
      await wait(pause, undefined, { signal: stopping.signal }).catch(() => {});
      pause = running.size > 0 ? pauses.first : Math.min(pause * 2, pauses.longest);
    }
  };
  const ask = async (): Promise<JobOrder | null> => {
    const labels = [...readiness.labels()].slice(0, 256);
    const asked = { lease, ...levels, labels, running: [...running.keys()] };
    return askFarm(place, 'next', asked).then(
      ({ order }) => order,
      () => null,
    );
  };
  await beat();
  const beating = setInterval(() => void beat(), Math.min(leaseTimes.renewMs, 1_000));
  const claiming = claim();
  const allDone = () => Promise.all([...running.values()].map(({ done }) => done));
  return {
    status: () => {
      const refusal = readiness.refusal();
      return { slots, running: running.size, queued: 0, ...(refusal === null ? {} : { refusal }) };
    },
    drain: async (graceMs) => {
      closing = true;
      void beat();
      await Promise.race([allDone(), wait(graceMs, undefined, { ref: false })]);
      for (const { abort } of running.values()) abort('handed_back');
      await allDone();
    },
    close: async () => {
      closing = true;
      readiness.stop();
      for (const { abort } of running.values()) abort('shutdown');
      await allDone();
      stopping.abort();
      await claiming;
      clearInterval(beating);
    },
  };
}

/** The version of the service, where the other runners find it in the store. */
function versionHint(known: () => string | null): Bucket {
  return {
    get: async (key: string) => {
      const version = key === serviceVersionKey ? known() : null;
      return version === null ? null : { value: Buffer.from(version), revision: 1 };
    },
  } as Bucket;
}
