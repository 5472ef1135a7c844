import { createHash, hash } from 'node:crypto';
import type { EventData } from '../../../events/registry.ts';

/** A message of the log, as a stream or a backup holds it. */
export type LoggedMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
};

export type Checkpoint = EventData<'LogCheckpointed'>;

/** The head of a log without events. */
export const emptyHead = createHash('sha256').update('crafting-table log v1').digest('hex');
/** Bytes of a leaf that a checkpoint keeps: enough to say which event is another one; the head alone is proof. */
export const keptBytes = 8;
const leafBytes = 32;

/** The digest of one event: subject, CloudEvents attributes and data. What the server adds by itself does not count. */
export function leafOf({ subject, headers, data }: LoggedMessage): Buffer {
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([subject, own]))
    .update('\n')
    .update(data)
    .digest();
}

/** The head behind some leaves of 32 bytes each. */
export function headAfter(head: string, leaves: Uint8Array): string {
  // Each digest takes the place of the one before it: one call for each event.
  const both = Buffer.alloc(2 * leafBytes);
  both.write(head, 'hex');
  for (let at = 0; at < leaves.length; at += leafBytes) {
    both.set(leaves.subarray(at, at + leafBytes), leafBytes);
    both.set(hash('sha256', both, 'buffer'));
  }
  return both.toString('hex', 0, leafBytes);
}

/** What a checkpoint keeps of its leaves. */
export function keptOf(leaves: Uint8Array): Buffer {
  const kept = Buffer.alloc((leaves.length / leafBytes) * keptBytes);
  for (let n = 0; n * keptBytes < kept.length; n += 1)
    kept.set(leaves.subarray(n * leafBytes, n * leafBytes + keptBytes), n * keptBytes);
  return kept;
}

/** The bytes that a checkpoint's signature is over. */
export function signedBytes({
  occasion,
  first,
  last,
  previous,
  head,
  leaves,
}: Omit<Checkpoint, 'key_id' | 'signature'>) {
  return Buffer.from(JSON.stringify(['crafting-table checkpoint v1', occasion, first, last, previous, head, leaves]));
}

/** Leaves one behind the other, as many as come. */
export class Leaves {
  private bytes = Buffer.alloc(leafBytes * 1024);
  private count = 0;

  add(leaf: Uint8Array): void {
    if ((this.count + 1) * leafBytes > this.bytes.length)
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    this.bytes.set(leaf, this.count * leafBytes);
    this.count += 1;
  }

  get length(): number {
    return this.count;
  }

  /** So many of them from the front. */
  first(count: number): Buffer {
    return this.bytes.subarray(0, count * leafBytes);
  }

  /** Forgets so many from the front. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count * leafBytes, this.count * leafBytes);
    this.count -= count;
  }
}
