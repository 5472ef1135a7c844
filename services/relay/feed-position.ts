import type { SubscriberDoc } from '../../projections/people/guests.ts';
import { AppError } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { type LastDelivery, subscriberToken } from '../io/nats/accounts/subscriber-stream.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';

/** How far the log was looked through for a subscriber. */
type Mark = {
  readonly generation: number;
  /** Everything up to here was looked at. */
  readonly seq: number;
  /** The last event among it that was delivered, 0 for none, and when that was known, in ms. */
  readonly told: number;
  readonly at: number;
};

type Position = { readonly seq: number; readonly delivered: number };

/** A bucket's place for a subscriber's mark: without it the log is looked through again from what was delivered last. */
export function feedPosition(hints: Bucket, subscriber: SubscriberDoc, retentionMs: number, clock: Clock) {
  const { name, seq: generation, from_seq } = subscriber;
  const key = `relay.${subscriberToken(name)}`;
  let kept = '';
  let deliveredAt = 0;

  /** What was delivered a while ago has expired; what was delivered lately and is not there was lost with the server's disk. */
  const isCredible = (mark: Mark, last: LastDelivery) =>
    last.stored > 0 ? last.seq >= mark.told : mark.told === 0 || clock.now() - mark.at > retentionMs * 0.9;
  return {
    /** Where to go on, when the server has this as delivered last. Throws AppError('conflict') when the log ends before it. */
    read: async (last: LastDelivery, end: number): Promise<Position> => {
      const stored = await hints.get(key);
      const mark = stored ? (JSON.parse(Buffer.from(stored.value).toString()) as Mark) : null;
      const marked = mark?.generation === generation && isCredible(mark, last) ? mark.seq : 0;
      const seq = Math.max(from_seq - 1, last.seq, marked);
      if (Math.max(last.seq, marked) > end)
        throw new AppError(
          'conflict',
          `${name} was told of event ${seq}, and the log ends at ${end}: the log was rolled back or exchanged. Remove the subscriber and add it again.`,
        );
      return { seq, delivered: last.seq };
    },
    write: async ({ seq, delivered }: Position): Promise<void> => {
      const text = `${seq} ${delivered}`;
      if (text === kept) return;
      if (!kept.endsWith(` ${delivered}`)) deliveredAt = clock.now();
      await hints.put(key, JSON.stringify({ generation, seq, told: delivered, at: deliveredAt } satisfies Mark));
      kept = text;
    },
  };
}
