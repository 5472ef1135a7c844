import type { Recorded } from '../../events/registry.ts';
import type { EventLog, Follower } from '../io/event-log.ts';

/** Sequences are inclusive; `filter` is one subject filter; at most `most` events are read. */
type Range = {
  readonly from: number;
  readonly to: number;
  readonly filter?: string;
  readonly most: number;
};

/** More are not asked for in advance, and never what lies beyond the range. */
const mostAhead = 5_000;

/** `whole` is false when there was more than `most`. */
export type Read = { readonly events: readonly Recorded[]; readonly whole: boolean };

/** Reads part of the log, oldest first. */
export async function readRange(log: EventLog, { from, to, filter, most }: Range): Promise<Read> {
  const last = Math.min(to, await log.end(filter));
  const events: Recorded[] = [];
  let whole = true;
  const first = Math.max(1, from);
  if (last < first) return { events, whole };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let over = false;
  const take = (event: Recorded) => {
    if (over) return;
    if (event.seq <= to && events.length < most) events.push(event);
    else if (event.seq <= to) whole = false;
    if (event.seq < last && whole) return;
    over = true;
    resolve();
  };
  const follower: Follower = await log.follow({
    from: first,
    ahead: Math.min(mostAhead, last - first + 1),
    ...(filter ? { filter } : {}),
    onEvent: take,
    onError: reject,
  });
  await promise.finally(() => follower.stop());
  return { events, whole };
}
