import { createHash } from 'node:crypto';
import type { ObjectStore } from '@nats-io/obj';
import { bottleBucket } from '../../../../events/streams.ts';
import { AppError, isAppError, messageOf } from '../../../floor/app-error.ts';
import type { SealBox } from '../../sealing/seal-box.ts';
import type { Nats } from '../connection.ts';
import { rangeOrNone } from '../stream-snapshot.ts';
import { chunksOf } from './object-chunks.ts';

/** Content by the SHA-256 of what it is, sealed; it expires by itself. AppError('unavailable') when the store does not answer. */
export type BottleStore = {
  /** Keeps bytes; answers their digest. What is there already is not written again. */
  put(bytes: Uint8Array): Promise<string>;
  /** Null when it has expired, was removed, or is not what it was. */
  get(digest: string): Promise<Buffer | null>;
  remove(digest: string): Promise<void>;
  /** Makes the place where it is kept, as long as there is none. */
  ready(): Promise<void>;
  /**
   * Seals with the first key what an earlier one has sealed. What no key opens stays as it is, or goes with `forgetLost`.
   * Answers how many were.
   */
  reseal(forgetLost: boolean): Promise<{ resealed: number; forgotten: number }>;
};

/** A message of the server holds 1 MiB with its headers. */
const chunkBytes = 512 * 1024;
const answerMs = 30_000;

/** The bucket is made when something is first stored. */
export function openBottleStore(nats: Nats, box: SealBox, replicas: () => Promise<number>): BottleStore {
  let bucket: Promise<ObjectStore> | undefined;
  const make = async () => {
    const { Objm } = await import('@nats-io/obj');
    const options = { replicas: await replicas(), ttl: bottleBucket.ttlMs * 1_000_000 };
    return new Objm(nats.js).create(bottleBucket.name, options);
  };
  const open = () => {
    bucket ??= make().catch((error) => {
      bucket = undefined;
      throw error;
    });
    return bucket;
  };
  return {
    put: (bytes) =>
      answered(async () => {
        const digest = digestOf(bytes);
        const store = await open();
        const there = await store.info(digest);
        if (there && !there.deleted) return digest;
        const sealed = box.seal(nameOf(digest), Buffer.from(bytes).toString('base64'));
        await store.putBlob({ name: digest, options: { max_chunk_size: chunkBytes } }, sealed);
        return digest;
      }),
    get: (digest) =>
      answered(async () => {
        const chunks = await chunksOf(nats, await open(), digest);
        const sealed = chunks && (await wholeOf(chunks));
        const bytes = sealed && opened(digest, sealed, box);
        return bytes && digestOf(bytes) === digest ? bytes : null;
      }),
    remove: (digest) => answered(async () => void (await (await open()).delete(digest))),
    ready: () => answered(async () => void (await open())),
    async reseal(forgetLost) {
      const done = { resealed: 0, forgotten: 0 };
      if ((await rangeOrNone(nats, `OBJ_${bottleBucket.name}`)).last === 0) return done;
      const store = await open();
      for (const { name, deleted } of await store.list()) {
        const bound = nameOf(name);
        const chunks = deleted ? null : await chunksOf(nats, store, name);
        const sealed = chunks && (await wholeOf(chunks));
        if (!sealed || box.isSealedAnew(bound, sealed)) continue;
        if (opened(name, sealed, box) !== null) {
          await store.putBlob(
            { name, options: { max_chunk_size: chunkBytes } },
            box.seal(bound, box.open(bound, sealed)),
          );
          done.resealed += 1;
        } else if (forgetLost) {
          await store.delete(name);
          done.forgotten += 1;
        }
      }
      return done;
    },
  };
}

/** What is sealed with it, so that one cannot stand for another. */
const nameOf = (digest: string) => `bottle ${digest}`;

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Null when it was removed meanwhile. */
async function wholeOf(chunks: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const whole: Buffer[] = [];
  try {
    for await (const chunk of chunks) whole.push(chunk);
    return Buffer.concat(whole);
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}

/** What another key has sealed is gone, as what has expired is. */
function opened(digest: string, sealed: Uint8Array, box: SealBox): Buffer | null {
  try {
    return Buffer.from(box.open(nameOf(digest), sealed), 'base64');
  } catch {
    return null;
  }
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await Promise.race([work(), tooLate()]);
  } catch (cause) {
    throw new AppError('unavailable', `The store of bottles does not answer: ${messageOf(cause)}.`, { cause });
  }
}

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${answerMs / 1000} s`)), answerMs).unref();
  });
}
