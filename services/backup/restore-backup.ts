import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { open } from '../../events/envelope.ts';
import type { Config } from '../config.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import { lockDataDir } from '../io/files/data-lock.ts';
import type { Log } from '../io/log.ts';
import { beginAt, rangeOf, type StoredMessage, writeInOrder } from '../io/nats/stream-snapshot.ts';
import { openStore, type Store } from '../io/open-store.ts';
import { openSealBox } from '../io/sealing/seal-box.ts';
import { type BackupManifest, checkSeal, largestPart } from './backup-manifest.ts';
import { checkBackup, checkPart } from './check-backup.ts';
import { type Folder, streamOf } from './kept-streams.ts';
import { decodeRecords } from './message-record.ts';
import { finishRestore, inTheWay, openWork, putInPlace } from './restore-folder.ts';
import { filesOf } from './tar-file.ts';

type RestoreOptions = {
  readonly file: string;
  /** The secret.key of the farm that made the backup; else CRAFTING_SECRET_KEY, or the key that lies in the data folder. */
  readonly key: string | null;
  /** Replace what is in the data folder; it is moved aside, never deleted. */
  readonly force: boolean;
  readonly now: () => Date;
  readonly onProgress?: (done: { readonly events: number; readonly of: number }) => void;
};

/** `replaced`: the folder in the data folder that holds what was there before, null for nothing. */
type Restored = { readonly manifest: BackupManifest; readonly replaced: string | null };

/** The note by which the first start after a restore knows that it is one. */
export const restoredNote = 'restored.json';

const decompress = promisify(gunzip);

/**
 * Restores a farm into the data folder of a configuration. Everything is checked before anything is written; what is
 * written lies apart until it is whole. Throws AppError: `invalid` (the backup, the key), `conflict` (the folder is in use
 * or not empty).
 */
export async function restoreBackup(config: Config, options: RestoreOptions, logger: Log): Promise<Restored> {
  const { dataDir, natsUrl } = config;
  if (natsUrl !== null)
    throw new AppError('invalid', 'A restore makes an embedded log: take CRAFTING_NATS_URL away for it.');
  const manifest = await checkBackup(options.file);
  const key = keyFor(config, options);
  checkSeal(manifest, openSealBox([Buffer.from(key.hex, 'hex')]));
  const lock = lockDataDir(dataDir);
  try {
    await finishRestore(dataDir).catch(() => {});
    refuseFull(dataDir, key, options);
    const before = inTheWay(dataDir).length > 0 || key.replaces;
    const work = openWork(dataDir);
    mkdirSync(work, { recursive: true });
    await fill(
      { ...config, dataDir: work, natsListen: null, natsTls: null, secretKey: key.hex },
      manifest,
      options,
      logger,
    );
    if (key.isNew) writeFileSync(join(work, 'secret.key'), `${key.hex}\n`, { mode: 0o600 });
    const { made_at, source, last_seq } = manifest;
    const note = { restored_at: options.now().toISOString(), made_at, source, last_seq };
    writeFileSync(join(work, restoredNote), `${JSON.stringify(note)}\n`, { mode: 0o600 });
    const aside = await putInPlace(dataDir, options.now());
    return { manifest, replaced: before ? aside : null };
  } finally {
    lock.release();
  }
}

/** `isNew`: the data folder has no such key yet; `replaces`: it has another one. */
type Key = { readonly hex: string; readonly isNew: boolean; readonly replaces: boolean };

/** The sealing key that a file holds; without one that of the configuration or of the data folder, null for none. */
export function secretKeyFor({ dataDir, secretKey }: Config, file: string | null): string | null {
  if (file !== null) return readKey(file);
  const laid = join(dataDir, 'secret.key');
  return secretKey?.toLowerCase().split(/[\s,]+/)[0] ?? (existsSync(laid) ? readKey(laid) : null);
}

function keyFor({ dataDir, secretKey }: Config, { key }: RestoreOptions): Key {
  const laid = join(dataDir, 'secret.key');
  const there = existsSync(laid) ? readKey(laid) : null;
  if (key !== null) {
    const hex = readKey(resolve(key));
    return { hex, isNew: hex !== there, replaces: there !== null && hex !== there };
  }
  const hex = secretKey?.toLowerCase().split(/[\s,]+/)[0] ?? there;
  if (hex !== null) return { hex, isNew: false, replaces: false };
  throw new AppError(
    'invalid',
    `The key of the farm that made the backup is needed: --key FILE (its secret.key), or CRAFTING_SECRET_KEY.`,
  );
}

function readKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new AppError('invalid', `The key file ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`, {
      cause,
    });
  }
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new AppError('invalid', `The key file ${file} must hold 64 hexadecimal digits; it does not.`);
  return text.toLowerCase();
}

function refuseFull(dataDir: string, { replaces }: Key, { force }: RestoreOptions): void {
  const found = [...inTheWay(dataDir), ...(replaces ? ['another secret.key'] : [])];
  if (found.length === 0 || force) return;
  const named = found.length > 5 ? `${found.slice(0, 5).join(', ')} and ${found.length - 5} more` : found.join(', ');
  throw new AppError(
    'conflict',
    `${dataDir} is not empty: it holds ${named}. Choose another CRAFTING_DATA_DIR, or --force moves that aside.`,
  );
}

/** Brings the streams of a farm of its own to what the backup holds. */
async function fill(config: Config, manifest: BackupManifest, options: RestoreOptions, logger: Log): Promise<void> {
  const store = await openStore(config, logger);
  try {
    await fillStreams(store, manifest, options);
  } finally {
    await store.close();
  }
}

async function fillStreams({ nats, bottles }: Store, manifest: BackupManifest, options: RestoreOptions): Promise<void> {
  const { file, onProgress } = options;
  const of = manifest.last_seq;
  const [events, logStream] = [streamOf('events'), streamOf('logs')];
  await writeInOrder(nats, streamOf('secrets'), renumbered(messagesOf(file, manifest, 'secrets')));
  if (manifest.parts.some(({ name }) => name.startsWith('bottles/'))) {
    await bottles.ready();
    await writeInOrder(nats, streamOf('bottles'), renumbered(messagesOf(file, manifest, 'bottles')));
  }
  await writeInOrder(
    nats,
    events,
    opened(messagesOf(file, manifest, 'events'), (done) => onProgress?.({ events: done, of })),
  );
  await writeInOrder(nats, logStream, unconditional(messagesOf(file, manifest, 'logs')));
  const logs = await rangeOf(nats, logStream);
  // New chunks go on behind the old ones: what jobs say about theirs must never point at another job's.
  if (logs.last < manifest.logs_last) await beginAt(nats, logStream, manifest.logs_last + 1);
  const { last } = await rangeOf(nats, events);
  if (last !== manifest.last_seq)
    throw new AppError('internal', `The restored log ends at ${last}, the backup at ${manifest.last_seq}.`);
}

/** The messages of a kind, whose parts are held against the manifest once more: a file may change under us. */
export async function* messagesOf(
  path: string,
  { parts }: BackupManifest,
  folder: Folder,
): AsyncGenerator<StoredMessage> {
  if (!parts.some(({ name }) => name.startsWith(`${folder}/`))) return;
  let index = 0;
  for await (const file of filesOf(path)) {
    if (file.name.startsWith(`${folder}/`)) {
      checkPart(path, file, parts[index]);
      yield* decoded(path, file.name, await decompress(file.bytes, { maxOutputLength: largestPart }));
    }
    index += 1;
  }
}

function* decoded(path: string, name: string, bytes: Buffer): Generator<StoredMessage> {
  try {
    yield* decodeRecords(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause;
    throw new AppError('invalid', `The part ${name} of ${path} does not hold messages.`, { cause });
  }
}

/** Each event opened once, so that a log that this version cannot read is not restored. */
async function* opened(
  messages: AsyncIterable<StoredMessage>,
  onEvent: (events: number) => void,
): AsyncGenerator<StoredMessage> {
  /** Messages that cannot be opened, until an operator is seen to have passed them over. */
  const faults = new Map<number, unknown>();
  for await (const message of messages) {
    const { seq, subject, headers, data } = message;
    try {
      const event = open({
        subject,
        seq,
        payload: Buffer.from(data).toString('utf8'),
        header: (name) => headers[name] ?? '',
      });
      if (event.type === 'EventQuarantined') faults.delete(event.data.event_seq);
    } catch (cause) {
      faults.set(seq, cause);
    }
    yield message;
    onEvent(seq);
  }
  for (const [seq, cause] of faults)
    throw new AppError('invalid', `Event ${seq} of the backup cannot be read by this version: ${messageOf(cause)}.`, {
      cause,
    });
}

/** Values of a bucket stand for themselves: what came before them in the bucket is gone, and its sequences with it. */
async function* renumbered(messages: AsyncIterable<StoredMessage>): AsyncGenerator<StoredMessage> {
  let seq = 0;
  for await (const { subject, data } of messages) {
    seq += 1;
    yield { seq, subject, headers: {}, data };
  }
}

/** Without what a chunk's writer expected to come before it: that may have expired since. */
async function* unconditional(messages: AsyncIterable<StoredMessage>): AsyncGenerator<StoredMessage> {
  for await (const message of messages) {
    const kept = Object.entries(message.headers).filter(([name]) => !name.startsWith('Nats-Expected-'));
    yield { ...message, headers: Object.fromEntries(kept) };
  }
}
