import {
  bottleBucket,
  eventStream,
  hintBucket,
  idempotencyBucket,
  leaseBucket,
  logStream,
  sessionBucket,
  snapshotBucket,
  subscriberStream,
  vaultBucket,
} from '../../events/streams.ts';

/** The folders of a backup; `logs` when that is asked for. */
export const folders = ['secrets', 'bottles', 'events', 'logs'] as const;
export type Folder = (typeof folders)[number];

type Keeping = {
  /** The name of the stream on the server. */
  readonly stream: string;
  /** Where its messages stand in a backup; or why they do not. */
  readonly backup: Folder | { readonly leftOut: string };
  /** Whether values in it are sealed with the farm's key, and so by `rekey` with a new one. */
  readonly sealed: boolean;
};

const ofKeys = ({ name }: { name: string }) => `KV_${name}`;
const ofObjects = ({ name }: { name: string }) => `OBJ_${name}`;

/** Every stream and bucket that a farm has on its server, and what becomes of it in a backup and when the key changes. */
export const kept: readonly Keeping[] = [
  { stream: eventStream.name, backup: 'events', sealed: false },
  { stream: logStream.name, backup: 'logs', sealed: false },
  { stream: subscriberStream.name, backup: { leftOut: 'follows from the log' }, sealed: false },
  { stream: ofKeys(vaultBucket), backup: 'secrets', sealed: true },
  { stream: ofKeys(leaseBucket), backup: { leftOut: 'holds for a day at most' }, sealed: false },
  { stream: ofKeys(idempotencyBucket), backup: { leftOut: 'holds for a day at most' }, sealed: true },
  { stream: ofKeys(sessionBucket), backup: { leftOut: 'people sign in again' }, sealed: false },
  { stream: ofKeys(hintBucket), backup: { leftOut: 'only saves work' }, sealed: false },
  { stream: ofObjects(snapshotBucket), backup: { leftOut: 'follows from the log' }, sealed: false },
  { stream: ofObjects(bottleBucket), backup: 'bottles', sealed: true },
];

/** The stream whose messages stand in a folder of a backup. */
export function streamOf(folder: Folder): string {
  const found = kept.find(({ backup }) => backup === folder);
  if (!found) throw new Error(`no stream is kept in ${folder}`);
  return found.stream;
}
