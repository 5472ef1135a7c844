import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../floor/app-error.ts';
import type { SealBox } from '../io/sealing/seal-box.ts';
import { folders } from './kept-streams.ts';

/** The newest format that this version writes and reads: 2 has what bottles left, 1 is all the rest. */
export const backupFormat = 2;
/** The manifest is the last file of a backup: what has none was cut off. */
export const manifestName = 'manifest.json';
/** Bytes of the messages of one part, beyond which the next part begins. */
export const partBytes = 4 * 1024 * 1024;
/** No file of a backup is larger. */
export const largestPart = 16 * 1024 * 1024;

const Count = Type.Integer({ minimum: 0 });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** One file of messages: `first` and `last` are sequences. */
export const BackupPart = Type.Object(
  {
    name: Type.String({ pattern: `^(${folders.join('|')})/[0-9]{6}\\.gz$` }),
    bytes: Count,
    sha256: Sha256,
    messages: Count,
    first: Count,
    last: Count,
  },
  { additionalProperties: false },
);
export type BackupPart = Static<typeof BackupPart>;

const unsealed = {
  format: Type.Integer({ minimum: 1, maximum: backupFormat }),
  product: Type.String({ maxLength: 64 }),
  server: Type.String({ maxLength: 64 }),
  made_at: Type.String({ maxLength: 64 }),
  /** The host on which it was made. */
  source: Type.String({ maxLength: 255 }),
  /** The first event of the log, which no other log has: '' for an empty one. */
  log: Type.String({ maxLength: 255 }),
  /** The log up to and with this sequence is in it. */
  last_seq: Count,
  events: Count,
  secrets: Count,
  /** The last sequence of the logs of jobs, whether they are in it or not: new ones go on behind it. */
  logs_last: Count,
  with_logs: Type.Boolean(),
  /** Tells keys apart and says nothing about the key. */
  key: Sha256,
  parts: Type.Array(BackupPart, { maxItems: 100_000 }),
};

export const BackupManifest = Type.Object(
  { ...unsealed, seal: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  { additionalProperties: false },
);
export type BackupManifest = Static<typeof BackupManifest>;

type Unsealed = Omit<BackupManifest, 'seal'>;

/** What a key is known by in a backup. */
export function keyPrint(box: Pick<SealBox, 'keyedHash'>): string {
  return box.keyedHash('backup', 'key');
}

/** Signs a manifest with the farm's key: whoever changes the backup without the key is found out. */
export function sealManifest(manifest: Unsealed, box: Pick<SealBox, 'keyedHash'>): BackupManifest {
  return { ...manifest, seal: sealOf(manifest, box) };
}

/** Throws AppError('invalid') when the key is another one, or the manifest is not what that key sealed. */
export function checkSeal({ seal, ...manifest }: BackupManifest, box: Pick<SealBox, 'keyedHash'>): void {
  if (manifest.key !== keyPrint(box))
    throw new AppError('invalid', 'The key is not that of the backup: give the secret.key of the farm that made it.');
  if (seal !== sealOf(manifest, box))
    throw new AppError('invalid', 'The manifest of the backup was changed after it was made.');
}

function sealOf(manifest: Unsealed, box: Pick<SealBox, 'keyedHash'>): string {
  const sorted = Object.keys(unsealed).map((name) => [name, manifest[name as keyof Unsealed]]);
  return box.keyedHash('backup manifest', JSON.stringify(sorted));
}

/** Throws AppError('invalid') for what is no manifest, or one of a newer format. */
export function readManifest(bytes: Buffer): BackupManifest {
  const found = parsed(bytes);
  const format = (found as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > backupFormat)
    throw new AppError(
      'invalid',
      `The backup has format ${format}, this crafting-table reads ${backupFormat}: restore it with a newer one.`,
    );
  if (!Value.Check(BackupManifest, found)) throw new AppError('invalid', 'The manifest of the backup is damaged.');
  return found;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
