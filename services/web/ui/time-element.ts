import { agoWords } from '../rules/time-words.ts';
import { now } from '../state/browser-clock.ts';
import { type Drawn, html } from './html.ts';

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** A moment: how long ago, and on demand when exactly, in the reader's zone. */
export function Ago({ at }: { at: string | null | undefined }): Drawn {
  if (!at) return html`<span class="faint">–</span>`;
  const time = Date.parse(at);
  return html`<time datetime=${at} title=${absolute.format(time)}>${agoWords(time, now.value)}</time>`;
}

/** The same the other way around. */
export function When({ at }: { at: string | null | undefined }): Drawn {
  if (!at) return html`<span class="faint">–</span>`;
  const time = Date.parse(at);
  return html`<time datetime=${at} title=${agoWords(time, now.value)}>${absolute.format(time)}</time>`;
}

/** Words of the farm, with the times in them (ISO 8601, UTC) as this reader's clock has them. */
export const inOwnZone = (words: string): string =>
  words.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, (at) =>
    Number.isNaN(Date.parse(at)) ? at : absolute.format(Date.parse(at)),
  );

export const dayWords = (at: string): string => day.format(Date.parse(at));
export const clockWords = (at: string): string => clockTime.format(Date.parse(at));
