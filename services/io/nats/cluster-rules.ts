import { setTimeout as wait } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { eventStream } from '../../../events/streams.ts';
import { AppError } from '../../floor/app-error.ts';
import type { Log } from '../log.ts';
import type { Nats } from './connection.ts';
import { serverLevel } from './make-streams.ts';

/** No server for it, at the moment or ever; no cluster at all; too few of its servers have storage to spare. */
const noPlace = new Set([10005, 10074, 10023]);
/** How long servers that start together may need to find each other, in ms. */
const gathering = 15_000;

/**
 * Refuses a cluster of servers that were measured to tell wrong sequences when their leader changes. Throws
 * AppError('misconfigured') unless the operator insists.
 */
export function checkServers({ connection, version }: Pick<Nats, 'connection' | 'version'>, allowOld: boolean): void {
  const level = serverLevel(version);
  if (level < 2009)
    throw new AppError('misconfigured', `nats-server ${version} is too old: the log needs 2.9 or newer.`);
  if (!connection.info?.cluster || level >= 2012 || allowOld) return;
  throw new AppError(
    'misconfigured',
    `A cluster of nats-server ${version} is not trusted with the log: use 2.12 or newer. Clusters of 2.9 and 2.15 were measured and lost nothing when their leader was killed, one of 2.10 answered wrong sequences; CRAFTING_NATS_ALLOW_OLD=1 uses this one all the same.`,
  );
}

/** How many copies of each stream there are to be: three on a cluster, or as many as the log there has already. */
export async function replicasOn({ connection, jsm }: Nats): Promise<number> {
  if (!connection.info?.cluster) return 1;
  const existing = await jsm.streams.info(eventStream.name).catch(() => null);
  return existing?.config.num_replicas ?? 3;
}

/** Makes what needs `replicas` servers; with one copy where the cluster has not that many, which is said aloud. */
export async function onEnoughServers(
  replicas: number,
  make: (replicas: number) => Promise<unknown>,
  log: Log,
): Promise<number> {
  for (const deadline = performance.now() + gathering; ; await wait(500)) {
    try {
      await make(replicas);
      return replicas;
    } catch (error) {
      if (replicas === 1 || !(error instanceof JetStreamApiError) || !noPlace.has(error.apiError().err_code))
        throw error;
      if (performance.now() < deadline) continue;
      log.warn({ wanted: replicas }, 'the cluster has not enough servers with JetStream: the log has ONE copy only');
      await make(1);
      return 1;
    }
  }
}
