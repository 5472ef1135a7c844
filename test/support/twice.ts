import { setImmediate as turn } from 'node:timers/promises';
import type { EventName } from '../../events/registry.ts';
import { type Consumer, done, type Handler } from '../../services/define.ts';

/** Some turns of the loop: events that are in flight together are so handled in any order. */
async function aWhile(): Promise<void> {
  for (let left = Math.floor(Math.random() * 8); left > 0; left -= 1) await turn();
}

/**
 * A consumer to which every event comes twice, as it may from a server, and late. What it does the second time must add
 * nothing: the tests of a farm look at the log, the mails, the pull requests as if each had come once.
 */
export function twice(consumer: Consumer): Consumer {
  const again =
    (handler: Handler<EventName>): Handler<EventName> =>
    async (event, effect) => {
      await aWhile();
      const first = await handler(event, effect);
      if (first.next !== 'done') return first;
      await aWhile();
      const second = await handler(event, effect);
      return second.next === 'drop' ? done : second;
    };
  const on = Object.fromEntries(
    (Object.entries(consumer.on) as [EventName, Handler<EventName>][]).map(([type, handler]) => [type, again(handler)]),
  );
  return { ...consumer, on: on as Consumer['on'] };
}
