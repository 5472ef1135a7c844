import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ObjectStore } from '@nats-io/obj';
import { snapshotBucket } from '../../../../events/streams.ts';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import type { Nats } from '../connection.ts';
import { chunksOf } from './object-chunks.ts';

/** What is said of a snapshot beside its bytes. */
export type SnapshotFacts = {
  /** The last event in it, by place and id: the log at hand has to have the same there. */
  readonly seq: number;
  readonly eventId: string;
  /** The read models that made it, with their versions. */
  readonly versions: string;
  /** SHA-256 of the stored bytes, how many they are, and how many when they are unpacked. */
  readonly sha256: string;
  readonly bytes: number;
  readonly unpacked: number;
  /** When it was made, in ms, and on which host. */
  readonly at: number;
  readonly host: string;
};

/** Copies of read models on the log's server. They hold everybody's data: only the farm's own account reaches them. */
export type SnapshotStore = {
  /** Newest first. What is not one of ours is left out. */
  list(): Promise<SnapshotFacts[]>;
  /** Stores the bytes of a file. */
  put(facts: SnapshotFacts, file: string): Promise<void>;
  /** The bytes as they come, or null; they break off when they are removed meanwhile. Whoever reads compares their SHA-256. */
  get(facts: SnapshotFacts): Promise<Readable | null>;
  remove(facts: SnapshotFacts): Promise<void>;
};

/** A message of the server holds 1 MiB with its headers. */
const chunkBytes = 512 * 1024;
const answerMs = 30_000;

/** The bucket is made when something is first stored: a farm of one host has none. */
export function openSnapshotStore(nats: Nats, replicas: () => Promise<number>): SnapshotStore {
  let bucket: Promise<ObjectStore> | undefined;
  const make = async () => {
    // Loaded when it is needed: a farm of one host never does.
    const { Objm } = await import('@nats-io/obj');
    return new Objm(nats.js).create(snapshotBucket.name, { replicas: await replicas() });
  };
  const open = () => {
    bucket ??= make().catch((error) => {
      bucket = undefined;
      throw error;
    });
    return bucket;
  };
  return {
    list: () => answered(async () => found(await (await open()).list())),
    put: (facts, file) =>
      answered(async () => {
        const { seq, eventId, versions, sha256, bytes, unpacked, at, host } = facts;
        const metadata = {
          eventId,
          versions,
          sha256,
          host,
          seq: `${seq}`,
          bytes: `${bytes}`,
          unpacked: `${unpacked}`,
          at: `${at}`,
        };
        const options = { max_chunk_size: chunkBytes };
        const content = Readable.toWeb(createReadStream(file, { highWaterMark: chunkBytes }));
        await (await open()).put({ name: nameOf(facts), metadata, options }, content as never, { timeout: answerMs });
      }),
    get: (facts) =>
      answered(async () => {
        const chunks = await chunksOf(nats, await open(), nameOf(facts));
        return chunks && Readable.from(chunks, { objectMode: false });
      }),
    remove: (facts) => answered(async () => void (await (await open()).delete(nameOf(facts)))),
  };
}

const nameOf = ({ seq, at }: SnapshotFacts) => `${seq}-${at}`;

type Listed = { readonly name: string; readonly deleted: boolean; readonly metadata?: Record<string, string> };

function found(objects: readonly Listed[]): SnapshotFacts[] {
  return objects
    .filter(({ deleted }) => !deleted)
    .flatMap(({ name, metadata = {} }) => {
      const { eventId = '', versions = '', sha256 = '', host = '' } = metadata;
      const [seq, bytes, unpacked, at] = ['seq', 'bytes', 'unpacked', 'at'].map((key) => Number(metadata[key]));
      const facts = { seq, bytes, unpacked, at, eventId, versions, sha256, host } as SnapshotFacts;
      return nameOf(facts) === name && Number.isSafeInteger(bytes) && Number.isSafeInteger(unpacked) ? [facts] : [];
    })
    .sort((a, b) => b.seq - a.seq || b.at - a.at);
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new AppError('unavailable', `The store of snapshots does not answer: ${messageOf(cause)}.`, { cause });
  }
}
