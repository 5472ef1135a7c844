import { DiscardPolicy, RetentionPolicy, StorageType, StoreCompression, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { eventStream, logStream, subscriberStream } from '../../../events/streams.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Nats } from './connection.ts';

const day = 24 * 3_600_000;

/** `major.minor` as a number that compares: 2.10.27 -> 2010. */
export function serverLevel(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

/** Makes the streams when they are missing; an existing one keeps what it holds. */
export async function makeStreams(
  { jsm, version }: Nats,
  { retentionDays, replicas }: { retentionDays: number; replicas: number },
): Promise<void> {
  const compression = serverLevel(version) >= 2010 ? { compression: StoreCompression.S2 } : {};
  const shared: Partial<StreamConfig> = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: replicas,
    allow_direct: true,
    ...compression,
  };
  await ensure(jsm, {
    ...shared,
    name: eventStream.name,
    subjects: [...eventStream.subjects],
    discard: DiscardPolicy.New,
    deny_delete: true,
    deny_purge: true,
    duplicate_window: nanos(eventStream.duplicateWindowMs),
  });
  await ensure(jsm, {
    ...shared,
    name: logStream.name,
    subjects: [...logStream.subjects],
    discard: DiscardPolicy.Old,
    max_age: nanos(retentionDays * day),
    duplicate_window: nanos(logStream.duplicateWindowMs),
  });
  await ensure(jsm, {
    ...shared,
    name: subscriberStream.name,
    subjects: [...subscriberStream.subjects],
    discard: DiscardPolicy.Old,
    max_age: nanos(retentionDays * day),
    duplicate_window: nanos(subscriberStream.duplicateWindowMs),
  });
}

async function ensure(jsm: Nats['jsm'], config: Partial<StreamConfig> & { name: string }): Promise<void> {
  const find = () =>
    jsm.streams.info(config.name).catch((error: unknown) => {
      if (/not found/i.test(messageOf(error))) return null;
      throw error;
    });
  const existing = await find();
  if (!existing) {
    await jsm.streams.add(config).catch(async (error: unknown) => {
      // Services that start together make it together: on a cluster the second one is told that the name is in use.
      if (!/already in use/i.test(messageOf(error)) || !(await find())) throw error;
    });
    return;
  }
  const other =
    config.max_age !== undefined &&
    (existing.config.max_age !== config.max_age || `${existing.config.subjects}` !== `${config.subjects}`);
  if (other)
    await jsm.streams.update(config.name, {
      ...existing.config,
      max_age: config.max_age ?? 0,
      subjects: config.subjects ?? [],
    });
  if (config.deny_delete && !existing.config.deny_delete) {
    throw new AppError(
      'conflict',
      `The stream ${config.name} exists with other settings: it allows deletes. The log must not.`,
    );
  }
}
