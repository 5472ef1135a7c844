import { type Simple, shellLine } from '../../../../parsers/engine/shell-line.ts';
import type { Script } from './script-files.ts';
import { linesOf, starter } from './script-lines.ts';

/** As much of a shell script as is read. */
const longest = 8192;

/**
 * Whether two versions of a command and its scripts start the same in the same order. Beside comments only what speaks
 * or has the shell stop may differ: what is not understood may keep a tool from its work.
 * What comes after the last start of these programs may not.
 */
export function sameWork(now: readonly Script[], then: readonly Script[], programs: readonly string[] = []): boolean {
  const key = (all: readonly Script[]) => all.map((one) => workOf(one, programs)).sort();
  const [left, right] = [key(now), key(then)];
  return left.length === right.length && left.every((one, at) => one !== null && one === right[at]);
}

function workOf({ path, kind, text }: Script, programs: readonly string[]): string {
  if (kind !== 'shell' || text.length > longest || /<<|\\$|\btrap\b/m.test(text)) {
    const lines = kind === 'program' ? text.split('\n') : linesOf(text, kind);
    return JSON.stringify([path, kind, lines.filter((line) => line.trim() !== '')]);
  }
  const whole = shellLine(text);
  const starts = starter(programs);
  const last = programs.length === 0 ? -1 : whole.findLastIndex(({ words }) => starts.test(words.join(' ')));
  const isJoined = last === -1 || whole[last]?.next !== ';';
  const all = isJoined ? whole : whole.slice(0, last + 1);
  const kept = all.filter((one, at) => !isHarmless(one, all[at - 1]));
  // The text of what is put together tells more than its words.
  const parts = kept.map(({ words, next, odd, from, to }) => [words, next || ';', odd ? text.slice(from, to) : '']);
  const shebang = /^#!.*/.exec(text)?.[0].replace(/ -[eux]+$/, '') ?? '';
  return JSON.stringify([path, kind, shebang, parts]);
}

function isHarmless({ words, next, odd }: Simple, before: Simple | undefined): boolean {
  const alone = (before === undefined || before.next === ';') && (next === '' || next === ';');
  if (odd || !alone) return false;
  const text = words.join(' ');
  return /^(?:echo|printf)(?: |$)/.test(text) || /^set (?:-[eux]+|-[eux]*o (?:errexit|pipefail|nounset))$/.test(text);
}
