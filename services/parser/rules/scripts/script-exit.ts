import { type Simple, shellLine } from '../../../../parsers/engine/shell-line.ts';
import type { Script } from './script-files.ts';
import { linesOf } from './script-lines.ts';

/**
 * `tells`: it is that of the script. `unknown`: that cannot be read. `passes`: the script goes on, whatever it was.
 * `perhaps`: it is started under a condition. `hides`: the script goes on, and no word is left of it.
 */
export type End = 'tells' | 'unknown' | 'passes' | 'perhaps' | 'hides';

/** As much of a script as is read. */
const longestScript = 8192;
const silent = /\/dev\/null|DEVNULL|stdio: *['"]ignore|\$null/;
const passes = /\|\|\s*(?:true|:|echo|printf)\b|;\s*(?:true|:)\s*$|^\t\s*@?-|ignore_errors?: *true|check *= *False/m;

export function worst(ends: readonly End[]): End {
  return (['hides', 'perhaps', 'passes', 'unknown'] as const).find((one) => ends.includes(one)) ?? 'tells';
}

/** What becomes of the exit code of what is meant in one script. */
export function endIn({ kind, text, path }: Script, isMeant: (text: string) => boolean): End {
  const lines = linesOf(text, kind).filter((line) => isMeant(line) && !looks.test(line));
  if (lines.some((line) => passes.test(line))) return lines.some((line) => silent.test(line)) ? 'hides' : 'passes';
  if (kind === 'program') return 'unknown';
  if (kind === 'tasks') return 'tells';
  const end = endInShell(text, isMeant, path);
  return end !== 'tells' && lines.some((line) => silent.test(line)) ? 'hides' : end;
}

const errexit = /(?:^|[\n;])\s*set\s+(?:-[a-zA-Z]*e|-o\s+errexit|-[a-zA-Z]*o\s+errexit)|^#!.*sh\s+-\w*e/;
const closes = /^(?:fi|done|esac|\}|exit(?: \$\?)?)$/;

/** Functions, traps and texts in the script: what is started, how often and with what end is not read. */
const unread = /<<|\btrap\b|^\s*(?:function\s+[\w-]+|[\w-]+\s*\(\s*\))/m;

/**
 * The one place in a script that starts what is meant, as text: once, in any case, with its exit code passed on as it is.
 * Null where that is not so, or cannot be read.
 */
export function onceIn({ kind, text, path }: Script, isMeant: (text: string) => boolean): string | null {
  if (kind === 'program' || text.length > longestScript || unread.test(text)) return null;
  if (kind === 'shell') return onceInShell(withConstants(text), isMeant, path);
  const lines = linesOf(withConstants(text), kind).filter((line) => isMeant(line) && !looks.test(line));
  const [only] = lines;
  if (only === undefined || lines.length > 1 || passes.test(only)) return null;
  return onceInShell(only.replace(/^\s*(?:@|[\w-]+ *[:=] *|- )?\s*/, ''), isMeant, path);
}

function onceInShell(text: string, isMeant: (text: string) => boolean, path: string): string | null {
  const all = shellLine(text);
  const way = { all, ...wayOf(text, path), ...blocksOf(all) };
  const meant = all.flatMap((one, at) => {
    const isStart = !looks.test(one.words.join(' ')) && isMeant(one.words.join(' '));
    return isStart || hasInline(one, isMeant) ? [at] : [];
  });
  const [at] = meant;
  const one = all[at ?? -1];
  if (at === undefined || one === undefined || meant.length > 1 || one.odd) return null;
  const after = all[at + 1]?.words.join(' ') ?? '';
  const isOwn = one.next !== '||' || /^exit(?: \$\?)?$/.test(after);
  if (!isOwn || (way.loops[at] ?? 0) > 0 || isConditional(at, way) || !isTold(at, way)) return null;
  const inline = inlineOf(one);
  return inline === null ? text.slice(one.from, one.to).trim() : onceInShell(inline, isMeant, '');
}

const constant = /^\s*(?:export\s+)?([A-Za-z_]\w{0,40})\s*[:?]?=\s*(["']?)([\w ./*@,:=+-]{0,400})\2\s*$/gm;

/** With the values of variables that are given one value, and that without asking anything. */
function withConstants(text: string): string {
  const all = Map.groupBy(text.matchAll(constant), ([, name = '']) => name);
  const values = new Map(
    [...all].flatMap(([name, [first, ...more]]) => (more.length > 0 ? [] : [[name, first?.[3] ?? '']])),
  );
  return text.replace(/\$(?:\((\w+)\)|\{(\w+)\}|(\w+))/g, (whole, a, b, c) => values.get(a ?? b ?? c) ?? whole);
}

/** As the shell passes it on: by `set -e`, as the last command, or collected in a variable. */
function endInShell(text: string, isMeant: (text: string) => boolean, path: string): End {
  const all = shellLine(text);
  const way = { all, ...wayOf(text, path), ...blocksOf(all) };
  const meant = all.flatMap((one, at) => {
    const isStart = !looks.test(one.words.join(' ')) && isMeant(one.words.join(' '));
    return isStart || hasInline(one, isMeant) ? [at] : [];
  });
  if (meant.length === 0) return 'unknown';
  const ends = meant.map((at): End => {
    const inline = inlineOf(all[at] as Simple);
    if (isConditional(at, way)) return 'perhaps';
    if (!isTold(at, way)) return 'passes';
    return inline === null ? 'tells' : endIn({ path: '', kind: 'shell', text: inline, by: null }, isMeant);
  });
  return worst(ends);
}

/** Asks for a program, or speaks of it. */
const looks = /^\s*(?:(?:if|elif|!|while|until|then|else|do|\{) )*(?:command -[vV]|which|type|hash|echo|printf)(?: |$)/;

/** What a script does with exit codes. `loops`, `choices`: how deep in them each of its commands is. */
type Way = {
  readonly all: readonly Simple[];
  readonly stops: boolean;
  readonly pipes: boolean;
  readonly collects: boolean;
  readonly loops: readonly number[];
  readonly choices: readonly number[];
};

function wayOf(text: string, path: string) {
  return {
    stops: (errexit.test(text) && !/\bset\s+\+(?:\w*e|o\s+errexit)/.test(text)) || path.endsWith('package.json'),
    pipes: /pipefail/.test(text),
    collects: /\bexit\s+["']?\$\{?[a-zA-Z_]/.test(text),
  };
}

function blocksOf(all: readonly Simple[]): Pick<Way, 'loops' | 'choices'> {
  const depths = (opens: RegExp, end: string) => {
    let depth = 0;
    return all.map(({ words: [first = ''] }) => {
      // What is asked first is started in any case.
      const before = depth;
      if (opens.test(first)) depth += 1;
      if (first === end) depth -= 1;
      return opens.test(first) ? before : depth;
    });
  };
  const cases = depths(/^case$/, 'esac');
  return {
    loops: depths(/^(?:for|while|until)$/, 'done'),
    choices: depths(/^if$/, 'fi').map((depth, at) => depth + (cases[at] ?? 0)),
  };
}

/** Whether it is started only where something else is so. */
function isConditional(at: number, way: Way): boolean {
  const { all, choices } = way;
  const before = all[at - 1]?.next;
  if ((choices[at] ?? 0) > 0 || all[at]?.words[0] === 'elif' || before === '||') return true;
  // `set -e` passes over what fails in front of `&&`.
  return before === '&&' && all[at]?.next !== '||' && !isLast(at, way) && all[at]?.next !== '&&';
}

function isLast(at: number, { all }: Way): boolean {
  return all.slice(at + 1).every(({ words, next }) => closes.test(words.join(' ')) && next !== '||');
}

function isTold(at: number, way: Way): boolean {
  const { all, stops, pipes, collects, loops } = way;
  const { words, next } = all[at] as Simple;
  if (/^(?:if|elif|while|until|!|command|which|type|hash)$/.test(words[0] ?? '') || next === '&') return false;
  if (next === '||') return tellsOr(all[at + 1], collects);
  if (next === '|' && !pipes) return false;
  const rest = all.slice(at + 1);
  if (next === '&&') {
    // The end of the chain is that of all in it.
    const end = rest.findIndex((one) => one.next !== '&&');
    if (rest[end]?.next === '||') return tellsOr(rest[end + 1], collects);
    return end === -1 || isLast(at + 1 + end, way);
  }
  if (stops) return true;
  return (loops[at] ?? 0) === 0 && isLast(at, way);
}

/** `a || exit 1`, `a || status=$?`: it is passed on. */
function tellsOr(after: Simple | undefined, collects: boolean): boolean {
  const first = after?.words[0] ?? '';
  if (/^(?:exit|return)$/.test(first)) return after?.words[1] !== '0';
  return collects && /^[a-zA-Z_]\w*=(?:\$\?|[1-9])/.test(first);
}

/** The text that a shell is given to run: `bash -c 'gcc a.c'`. */
function inlineOf({ words }: Simple): string | null {
  const shell = words.findIndex((word) => /^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(word));
  const at = shell === -1 ? -1 : words.findIndex((word, index) => index > shell && /^-[a-z]*c$/.test(word));
  if (at === -1) return null;
  const stops = words.slice(shell + 1, at + 1).some((word) => /^-[a-z]*e/.test(word));
  return `${stops ? 'set -e\n' : ''}${words[at + 1] ?? ''}`;
}

function hasInline(one: Simple, isMeant: (text: string) => boolean): boolean {
  const text = inlineOf(one);
  return text !== null && isMeant(text);
}
