import { type KV, Kvm } from '@nats-io/kv';
import { AppError, isAppError, messageOf } from '../../../floor/app-error.ts';
import type { Nats } from '../connection.ts';

/** Keys of the leases' bucket that begin so are of processes and their roles, all others of runners. */
export const roleLeasePrefix = 'role.';

export type Entry = { readonly value: Uint8Array; readonly revision: number };

/** A bucket of keys with compare-and-set. Keys: letters, digits, `-`, `_`, `/`, `=`, `.`. */
export type Bucket = {
  get(key: string): Promise<Entry | null>;
  put(key: string, value: Uint8Array | string): Promise<number>;
  /** Throws AppError('conflict') when the key is there. */
  create(key: string, value: Uint8Array | string): Promise<number>;
  /** Throws AppError('conflict') when the key is not at this revision. */
  update(key: string, value: Uint8Array | string, revision: number): Promise<number>;
  /** Removes the key and every old value of it from the disk. */
  erase(key: string): Promise<void>;
  entries(): Promise<Map<string, Entry>>;
};

/** Opens a bucket, and makes it when it is missing. */
export async function openBucket(
  nats: Nats,
  { name, ttlMs, replicas }: { name: string; ttlMs: number; replicas: number },
): Promise<Bucket> {
  const kv = await new Kvm(nats.js).create(name, { ttl: ttlMs, history: 1, replicas });
  return {
    get: (key) => read(kv, key),
    put: (key, value) => answer(kv.put(key, value)),
    create: (key, value) => answer(kv.create(key, value)),
    update: (key, value, revision) => answer(kv.update(key, value, revision)),
    erase: (key) => answer(kv.purge(key)),
    entries: () => answer(readEntries(nats, name)),
  };
}

/** Every key that has a value. One question a key: nothing is left on the server, as a consumer would be. */
export async function readEntries(
  { jsm }: Nats,
  name: string,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const prefix = `$KV.${name}.`;
  for (let seq = 1; ; ) {
    const next = await jsm.direct.getMessage(`KV_${name}`, { seq, next_by_subj: `${prefix}>` });
    if (!next || next.seq < seq || found.size >= atMost) return found;
    seq = next.seq + 1;
    if (!next.header.get('KV-Operation'))
      found.set(next.subject.slice(prefix.length), { value: next.data, revision: next.seq });
  }
}

async function read(kv: KV, key: string): Promise<Entry | null> {
  const entry = await answer(kv.get(key));
  return entry && entry.operation === 'PUT' ? { value: entry.value, revision: entry.revision } : null;
}

async function answer<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (isAppError(error)) throw error;
    if (/wrong last sequence/i.test(messageOf(error)))
      throw new AppError('conflict', 'The key has changed.', { cause: error });
    throw new AppError('unavailable', `The key-value store does not answer: ${messageOf(error)}.`, { cause: error });
  }
}
