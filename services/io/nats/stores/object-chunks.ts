import type { ObjectInfo, ObjectStore } from '@nats-io/obj';
import { AppError } from '../../../floor/app-error.ts';
import type { Nats } from '../connection.ts';

/**
 * The bytes of a stored object, a chunk at a time; null when there is none. What is removed while it is read ends in
 * AppError('not_found'): the client's own reader waits for ever for chunks that were purged after it had asked for them.
 */
export async function chunksOf(nats: Nats, store: ObjectStore, name: string): Promise<AsyncGenerator<Buffer> | null> {
  const info = await store.info(name);
  return info === null || info.deleted ? null : chunksIn(nats, info);
}

async function* chunksIn({ jsm }: Nats, { bucket, name, nuid, chunks }: ObjectInfo): AsyncGenerator<Buffer> {
  const stream = `OBJ_${bucket}`;
  let seq = 0;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const next = { seq: seq + 1, next_by_subj: `$O.${bucket}.C.${nuid}` };
    // A replica that lags behind does not have it yet; the leader does, or nobody.
    const stored = (await jsm.direct.getMessage(stream, next)) ?? (await jsm.streams.getMessage(stream, next));
    if (!stored) throw new AppError('not_found', `The object ${name} of ${bucket} was removed while it was read.`);
    seq = stored.seq;
    yield Buffer.from(stored.data);
  }
}
