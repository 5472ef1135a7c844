import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventStream,
  hintBucket,
  idempotencyBucket,
  leaseBucket,
  logStream,
  sessionBucket,
  vaultBucket,
} from '../../events/streams.ts';
import type { Config } from '../config.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { type Clock, systemClock } from '../floor/clock.ts';
import { type DiskFlow, freeFlow } from './disk/disk-flow.ts';
import type { EventLog } from './event-log.ts';
import type { Log } from './log.ts';
import type { LogStream } from './log-stream.ts';
import { type AccountList, openAccountList } from './nats/accounts/account-list.ts';
import { checkServers, onEnoughServers, replicasOn } from './nats/cluster-rules.ts';
import { connectNats, type Nats } from './nats/connection.ts';
import { openEventLog } from './nats/log/jetstream-event-log.ts';
import { openStoreSync, type StoreSync } from './nats/log/store-sync.ts';
import { makeStreams } from './nats/make-streams.ts';
import { openLogStream } from './nats/output/jetstream-log-stream.ts';
import { type EmbeddedServer, startEmbeddedServer } from './nats/server/embedded-server.ts';
import { reviveServer } from './nats/server/revive-server.ts';
import { type BottleStore, openBottleStore } from './nats/stores/bottle-store.ts';
import { type Bucket, openBucket, readEntries } from './nats/stores/bucket.ts';
import { openSnapshotStore, type SnapshotStore } from './nats/stores/snapshot-store.ts';
import { keysIn, openSealBox, readOrMakeKeys, type SealBox } from './sealing/seal-box.ts';
import { openVault, type Vault } from './sealing/vault.ts';

/** The log, and everything else that lies on the same server. */
export type Store = {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly vault: Vault;
  /** What bottles leave. */
  readonly bottles: BottleStore;
  readonly box: SealBox;
  /** What is sealed: secrets, and first answers that may hold a bearer. */
  readonly sealed: readonly Bucket[];
  readonly leases: Bucket;
  readonly hints: Bucket;
  readonly idempotency: Bucket;
  /** Sessions of browsers. */
  readonly sessionKeys: Bucket;
  /** Copies of read models for further hosts; null where there can be none: the log is embedded, or this is a runner alone. */
  readonly snapshots: SnapshotStore | null;
  /** Who else may connect to the server. */
  readonly accounts: AccountList;
  /** Where an embedded server keeps the output of jobs; null where the log is elsewhere. */
  readonly logsDir: string | null;
  /** What an acknowledged append survives, in words. */
  readonly durability: string;
  /** Throws AppError('misconfigured') when the key is not the one with which the secrets there are sealed. */
  checkKey(): Promise<void>;
  /** The disk was full: whether the server takes anything again is tried, and it is started again if not. */
  suspect(): void;
  close(): Promise<void>;
};

/** The disk of an embedded server, as its log has to know it. */
type StoreDisk = {
  readonly isFull: () => boolean;
  /** Gives the server what was kept back for it; false where nothing is. */
  readonly giveRoom: () => boolean;
  readonly flow: DiskFlow;
};

const roomyDisk: StoreDisk = { isFull: () => false, giveRoom: () => false, flow: freeFlow };

/** Opens the log: on the server of CRAFTING_NATS_URL, or on an embedded one in the data folder. */
export async function openStore(
  config: Config,
  logger: Log,
  clock: Clock = systemClock,
  disk: StoreDisk = roomyDisk,
): Promise<Store> {
  const server = config.natsUrl
    ? null
    : await startEmbeddedServer({
        dataDir: config.dataDir,
        program: config.natsServer,
        log: logger,
        listen: config.natsListen,
        tls: config.natsTls,
      });
  try {
    return await openOn(server, { config, logger, clock, disk });
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

type Opening = {
  readonly config: Config;
  readonly logger: Log;
  readonly clock: Clock;
  readonly disk: StoreDisk;
};

async function openOn(server: EmbeddedServer | null, { config, logger, clock, disk }: Opening): Promise<Store> {
  const target = server ?? { url: config.natsUrl ?? '', creds: config.natsCreds };
  const nats = await connectNats({ ...target, name: 'crafting-table', log: logger });
  const [secrets, leases, hints, idempotency, sessionKeys] = await openBuckets(nats, config, logger).catch(
    async (error) => {
      await nats.connection.close();
      throw /jetstream is not enabled/i.test(messageOf(error))
        ? new AppError('misconfigured', 'The server at CRAFTING_NATS_URL has no JetStream: start it with --jetstream.')
        : error;
    },
  );
  const syncOf = (stream: string) => syncOfStream(server, stream);
  const [eventSync, secretSync] = [syncOf(eventStream.name), syncOf(`KV_${vaultBucket.name}`)];
  const box = openSealBox(
    config.secretKey ? keysIn(config.secretKey) : readOrMakeKeys(join(config.dataDir, 'secret.key')),
  );
  const watch = server ? reviveServer({ nats, server, logger, ...disk }) : null;
  return {
    nats,
    suspect: () => watch?.suspect(),
    log: openEventLog({ nats, source: '/crafting-table', sync: eventSync, clock }),
    logs: openLogStream(nats, server ? disk.flow : freeFlow),
    vault: openVault({ bucket: secrets, box, flush: () => secretSync?.flush() ?? Promise.resolve() }),
    bottles: openBottleStore(nats, box, () => replicasOn(nats)),
    box,
    checkKey: () => (nats.account ? Promise.resolve() : checkKey(nats, box)),
    sealed: [secrets, idempotency],
    leases,
    hints,
    idempotency,
    sessionKeys,
    snapshots: server || nats.account ? null : openSnapshotStore(nats, () => replicasOn(nats)),
    accounts: openAccountList(server, config, logger),
    logsDir: server?.messagesDir(logStream.name) ?? null,
    durability: server
      ? `an acknowledged event is on disk (embedded nats-server ${nats.version}, synced by us)`
      : `as the server at CRAFTING_NATS_URL is set up (nats-server ${nats.version}); its sync setting cannot be seen from here`,
    close: async () => {
      watch?.stop();
      await nats.connection.drain().catch(() => nats.connection.close());
      await Promise.all([eventSync?.close(), secretSync?.close()]);
      await server?.stop();
    },
  };
}

type Buckets = [Bucket, Bucket, Bucket, Bucket, Bucket];

/** What lies beside the log, and the log itself where it is missing: a client account finds all of it there. */
async function openBuckets(nats: Nats, config: Config, logger: Log): Promise<Buckets> {
  checkServers(nats, config.natsAllowOld);
  const specs = [vaultBucket, leaseBucket, hintBucket, idempotencyBucket, sessionBucket] as const;
  if (nats.account && config.roles.some((role) => role !== 'runner'))
    throw new AppError(
      'misconfigured',
      'CRAFTING_NATS_CREDS is the file of a runner, which is that alone: set CRAFTING_ROLES=runner.',
    );
  if (nats.account) return [closedBucket, closedBucket, closedBucket, closedBucket, closedBucket];
  const replicas = await onEnoughServers(
    await replicasOn(nats),
    (copies) => makeStreams(nats, { retentionDays: config.logRetentionDays, replicas: copies }),
    logger,
  );
  return inOrder(await Promise.all(specs.map((spec) => openBucket(nats, { ...spec, replicas }))));
}

const refuse = async (): Promise<never> => {
  throw new AppError('forbidden', 'A runner with a credential of its own keeps nothing on the server.');
};

/** What a runner with a credential of its own finds in the place of a bucket. */
const closedBucket: Bucket = {
  get: refuse,
  put: refuse,
  create: refuse,
  update: refuse,
  erase: refuse,
  entries: refuse,
};

/** One secret stands for all: `rekey` seals them together and keeps both keys until the last one is done. */
async function checkKey(nats: Nats, box: SealBox): Promise<void> {
  try {
    for (const [name, { value }] of await readEntries(nats, vaultBucket.name, 1)) box.open(name, value);
  } catch (cause) {
    if (!isAppError(cause)) throw cause;
    throw new AppError(
      'misconfigured',
      "The key (CRAFTING_SECRET_KEY, or secret.key in the data folder) is not the one with which this farm's secrets are sealed; put the earlier one behind it, after a comma. If that is lost: crafting-table rekey --forget-lost.",
      { cause },
    );
  }
}

function inOrder([secrets, leases, hints, idempotency, sessions]: Bucket[]): Buckets {
  if (!secrets || !leases || !hints || !idempotency || !sessions) throw new Error('a bucket is missing');
  return [secrets, leases, hints, idempotency, sessions];
}

function syncOfStream(server: EmbeddedServer | null, stream: string): StoreSync | null {
  if (!server) return null;
  const dir = server.messagesDir(stream);
  if (!existsSync(dir))
    throw new AppError(
      'internal',
      `The store of ${stream} is not at ${dir}: what is appended could not be made durable.`,
    );
  return openStoreSync(dir);
}
