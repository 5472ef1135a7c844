import type { Bucket } from '../io/nats/stores/bucket.ts';

const key = 'runner-floor';

/** The sequence up to which every job has ended, as somebody left it; 0 when nobody did. */
export async function readLowWaterMark(hints: Bucket): Promise<number> {
  const entry = await hints.get(key);
  return entry ? Number(Buffer.from(entry.value).toString('utf8')) || 0 : 0;
}

/** Leaves it for whoever starts next; that it could not be kept costs a longer replay. */
export async function keepLowWaterMark(hints: Bucket, seq: number): Promise<void> {
  await hints.put(key, String(seq)).catch(() => 0);
}
