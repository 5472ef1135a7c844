import type { Draft } from '../../events/registry.ts';
import type { EventLog } from '../../services/io/event-log.ts';

/** An append waits for its answer for a time; a slow machine stores no more than this in it. */
const atOnce = 100;

/** Appends a history in its order, not each event durably. */
export async function appendMany(log: Pick<EventLog, 'append'>, drafts: readonly Draft[]): Promise<void> {
  for (let from = 0; from < drafts.length; from += atOnce)
    await Promise.all(drafts.slice(from, from + atOnce).map((draft) => log.append(draft, { durable: false })));
}
