import { AppError } from '../../floor/app-error.ts';
import { instantOf } from '../../floor/instant.ts';
import type { EventLog } from '../../io/event-log.ts';

/** The sequence that a query means: a number is one, a time means the last event before it. */
export async function sequenceAt(text: string, log: EventLog): Promise<number> {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const time = instantOf(text)?.getTime();
  if (time === undefined)
    throw new AppError(
      'invalid',
      `Expected a sequence of the log or an ISO 8601 time; found ${JSON.stringify(text.slice(0, 64))}.`,
    );
  // Times in the log rise with the sequence: halve the range until the border is found.
  let [before, after] = [0, (await log.end()) + 1];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const event = await log.at(middle);
    if (event !== null && Date.parse(event.time) < time) before = middle;
    else after = middle;
  }
  return before;
}
