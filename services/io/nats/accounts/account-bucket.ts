import { headers as natsHeaders } from '@nats-io/transport-node';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import { type Bucket, readEntries } from '../bucket.ts';
import type { Nats } from '../connection.ts';

/** A bucket that is there already, by the few subjects that a client account may ask. */
export function accountBucket(nats: Nats, name: string): Bucket {
  const subjectOf = (key: string) => `$KV.${name}.${key}`;
  const publish = (key: string, value: Uint8Array | string, more: Record<string, string>) =>
    answered(async () => {
      const headers = natsHeaders();
      for (const [header, text] of Object.entries(more)) headers.set(header, text);
      return (await nats.js.publish(subjectOf(key), value, { headers })).seq;
    });
  const expecting = (revision: number) => ({ 'Nats-Expected-Last-Subject-Sequence': String(revision) });
  return {
    get: (key) =>
      answered(async () => {
        const found = await nats.jsm.direct.getMessage(`KV_${name}`, { last_by_subj: subjectOf(key) });
        return !found || found.header.get('KV-Operation') ? null : { value: found.data, revision: found.seq };
      }),
    put: (key, value) => publish(key, value, {}),
    create: (key, value) => publish(key, value, expecting(0)),
    update: (key, value, revision) => publish(key, value, expecting(revision)),
    erase: async (key) => {
      await publish(key, '', { 'KV-Operation': 'PURGE', 'Nats-Rollup': 'sub' });
    },
    entries: () => answered(() => readEntries(nats, name)),
  };
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (/wrong last sequence/i.test(messageOf(cause)))
      throw new AppError('conflict', 'The key has changed.', { cause });
    throw new AppError('unavailable', `The key-value store does not answer: ${messageOf(cause)}.`, { cause });
  }
}
