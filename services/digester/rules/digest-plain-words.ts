import { oneLine } from '../../floor/text/escape-text.ts';

const gap = '\u200b';

/** Words of tools and people in one line, with nothing that a mail program would turn into a link. */
export function plainWords(text: string, longest: number): string {
  return oneLine(text, longest, '…')
    .replace(/:\/\//g, `:/${gap}/`)
    .replace(/\bwww\./gi, `www${gap}.`)
    .replace(/@(?=[\w-]+\.)/g, `@${gap}`);
}

/** `1 job`, `2 jobs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** A duration in the two units that matter. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const secs = Math.round(ms / 1000);
  if (secs < 60) return `${secs} s`;
  const mins = Math.floor(secs / 60);
  if (mins < 60) return `${mins} min ${secs % 60} s`;
  return `${Math.floor(mins / 60)} h ${mins % 60} min`;
}

const bars = '▁▂▃▄▅▆▇█';

/** Numbers as bars, from none to the largest. */
export function sparkline(values: readonly number[]): string {
  const largest = Math.max(...values, 0);
  return values
    .map((value) => bars[largest === 0 ? 0 : Math.round((value / largest) * (bars.length - 1))] ?? bars[0])
    .join('');
}
