import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EventLog } from '../io/event-log.ts';
import type { Nats } from '../io/nats/connection.ts';
import { rangeOf, rangeOrNone, readRange, type StoredMessage, type StreamRange } from '../io/nats/stream-snapshot.ts';
import type { SealBox } from '../io/sealing/seal-box.ts';
import { type BackupPart, backupFormat, keyPrint, manifestName, partBytes, sealManifest } from './backup-manifest.ts';
import { type Folder, streamOf } from './kept-streams.ts';
import { encodeRecord } from './message-record.ts';
import { type TarFile, tarOf } from './tar-file.ts';

type BackupSource = {
  readonly nats: Nats;
  readonly log: Pick<EventLog, 'at' | 'end' | 'flush'>;
  readonly box: Pick<SealBox, 'keyedHash'>;
  /** Vouches for the log as it is kept here; null where nobody can. */
  readonly checkpoint: (() => Promise<void>) | null;
};

/** `madeAt` is what the backup says of its age. */
type BackupOptions = { readonly version: string; readonly withLogs: boolean; readonly madeAt: Date };

const compress = promisify(gzip);

/**
 * A backup of a farm that may be running, as the bytes of a tar. It holds the log up to the sequence that was the last
 * one when it began. The secrets and what bottles left are read at once after that: whatever an event of it refers to is
 * there, unless it was erased in that moment. `kept-streams.ts` names what is left out, and why.
 */
export async function* backupOf(source: BackupSource, options: BackupOptions): AsyncGenerator<Uint8Array> {
  yield* tarOf(filesOfFarm(source, options), options.madeAt);
}

async function* filesOfFarm(
  { nats, log, box, checkpoint }: BackupSource,
  { version, withLogs, madeAt }: BackupOptions,
): AsyncGenerator<TarFile> {
  await checkpoint?.();
  await log.flush();
  const last = await log.end();
  const [secrets, logs, bottles] = await Promise.all([
    rangeOf(nats, streamOf('secrets')),
    rangeOf(nats, streamOf('logs')),
    // Made when a bottle first leaves something.
    rangeOrNone(nats, streamOf('bottles')),
  ]);
  const parts: BackupPart[] = [];
  const keep = async function* (folder: Folder, range: StreamRange) {
    for await (const { file, part } of partsOf(folder, readRange(nats, streamOf(folder), range))) {
      parts.push(part);
      yield file;
    }
  };
  yield* keep('secrets', secrets);
  yield* keep('bottles', bottles);
  yield* keep('events', { first: 1, last });
  if (withLogs) yield* keep('logs', logs);
  const count = (folder: string) =>
    parts.filter(({ name }) => name.startsWith(folder)).reduce((sum, { messages }) => sum + messages, 0);
  const manifest = {
    format: count('bottles/') > 0 ? backupFormat : 1,
    product: version,
    server: nats.version,
    made_at: madeAt.toISOString(),
    source: hostname(),
    log: (await log.at(1))?.eventId ?? '',
    last_seq: last,
    events: count('events/'),
    secrets: count('secrets/'),
    logs_last: logs.last,
    with_logs: withLogs,
    key: keyPrint(box),
    parts,
  } satisfies Parameters<typeof sealManifest>[0];
  yield { name: manifestName, bytes: Buffer.from(JSON.stringify(sealManifest(manifest, box))) };
}

type Packed = { readonly file: TarFile; readonly part: BackupPart };

/** A tar wants the size of a file before its bytes, so messages go in parts that fit into memory. */
async function* partsOf(folder: Folder, messages: AsyncIterable<StoredMessage>): AsyncGenerator<Packed> {
  let records: Buffer[] = [];
  let size = 0;
  let first = 0;
  let last = 0;
  let number = 0;
  const packed = async (): Promise<Packed> => {
    number += 1;
    const bytes = await compress(Buffer.concat(records), { level: 1 });
    const name = `${folder}/${String(number).padStart(6, '0')}.gz`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const part = { name, bytes: bytes.length, sha256, messages: records.length, first, last };
    records = [];
    size = 0;
    return { file: { name, bytes }, part };
  };
  for await (const message of messages) {
    // A key that was erased leaves a mark, and nothing else, behind.
    if (folder === 'secrets' && message.headers['KV-Operation'] !== undefined) continue;
    const record = encodeRecord(message);
    if (records.length === 0) first = message.seq;
    last = message.seq;
    records.push(record);
    size += record.length;
    if (size >= partBytes) yield await packed();
  }
  if (records.length > 0) yield await packed();
}
