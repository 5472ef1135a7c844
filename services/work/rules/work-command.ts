import { type CommandVerb, commandVerbs } from '../../../events/work/work.ts';

/** What somebody asked for in a comment. */
export type Command = {
  readonly verb: CommandVerb;
  /** Of `budget`. */
  readonly tokens: number | null;
  /** Of `fix` and `explain`: the agent, where one is named by `agent=<name>`. */
  readonly agent: string | null;
  /** Of `fix`, `explain` and `retry`: what stands behind the word. */
  readonly instructions: string | null;
};

const most = 1_000_000_000_000;
const factors: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000 };

/**
 * The command of a comment: `/crafting-table <word> ...` at the beginning of a line. Null where there is none; a sentence where
 * nobody could follow it. Lines that quote somebody or stand in a block of code are no commands.
 */
export function commandIn(body: string): Command | string | null {
  let isCode = false;
  for (const line of body.slice(0, 65_536).split(/\r?\n/)) {
    if (/^\s{0,3}(```|~~~)/.test(line)) isCode = !isCode;
    const words = isCode ? null : /^\/crafting-table(?:\s+(.*))?$/.exec(line.trimEnd());
    if (words) return read(words[1]?.trim() ?? '');
  }
  return null;
}

function read(words: string): Command | string {
  const [first = '', ...rest] = words.split(/\s+/);
  const verb = commandVerbs.find((one) => one === first.toLowerCase());
  if (verb === undefined) return `expected one of ${commandVerbs.join(', ')} after /crafting-table`;
  const tokens = verb === 'budget' ? tokensIn(rest[0] ?? '') : null;
  if (verb === 'budget' && tokens === null)
    return 'expected a number of tokens after budget, such as 200000, 200k or 2m';
  const agent = rest.map((word) => /^agent=([a-z0-9][a-z0-9._-]{0,63})$/.exec(word)?.[1]).find(Boolean) ?? null;
  const more = rest.filter((word) => !word.startsWith('agent=')).join(' ');
  const takesWords = verb === 'fix' || verb === 'explain' || verb === 'retry';
  return { verb, tokens, agent, instructions: takesWords && more !== '' ? more.slice(0, 4096) : null };
}

/** `200000`, `200k`, `1.5m`; null for anything else, for nothing and for too much. */
export function tokensIn(word: string): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([km]?)$/i.exec(word.replaceAll('_', '')) ?? [];
  if (digits === '') return null;
  const tokens = Math.round(Number(digits) * (factors[unit.toLowerCase()] ?? 1));
  return tokens >= 1 && tokens <= most ? tokens : null;
}
