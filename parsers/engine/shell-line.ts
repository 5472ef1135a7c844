import { detached } from './plain-text.ts';

/** A simple command: its words without their quotes, and what joins it to the next one. */
export type Simple = {
  readonly words: readonly string[];
  /** Empty for the last one. */
  readonly next: '' | '&&' | '||' | '|' | ';' | '&' | '(' | ')';
  /** Its output goes elsewhere, or it is put together from what another command prints. */
  readonly odd: boolean;
  /** Where it stands in the line; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
};

const longest = 8192;
/** Each of the parsers of a log asks of the same few lines. */
const recent = new Map<string, readonly Simple[]>();
const mostRecent = 32;

/**
 * The simple commands of a shell line, with regard to quotes, escapes and comments. Braces, `if` and the like are words,
 * as they are to the shell. Enough to tell what is started and what the exit code means; not a parser of the language.
 */
export function shellLine(line: string): readonly Simple[] {
  const known = recent.get(line);
  if (known !== undefined) return known;
  const read = readLine(line);
  if (recent.size >= mostRecent) recent.clear();
  if (line.length <= longest) recent.set(detached(line), read);
  return read;
}

function readLine(line: string): Simple[] {
  const text = line.slice(0, longest);
  const all: Simple[] = [];
  let words: string[] = [];
  let word: string | null = null;
  let odd = false;
  let quote = '';
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  let from = 0;
  const end = (next: Simple['next'], to: number) => {
    endWord();
    const start = from + (/^\s*/.exec(text.slice(from, to))?.[0].length ?? 0);
    if (words.length > 0 || odd) all.push({ words, next, odd, from: start, to });
    else if (next === '(' || next === ')') all.push({ words: [], next, odd: false, from: start, to });
    words = [];
    odd = false;
    from = to + (next === '&&' || next === '||' ? 2 : 1);
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const two = text.slice(at, at + 2);
    if (quote === "'") {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '\\') {
      at += 1;
      if (text.charAt(at) !== '\n') word = (word ?? '') + text.charAt(at);
    } else if (char === '`' || two === '$(') {
      odd = true;
      word = (word ?? '') + char;
    } else if (quote === '"') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '#' && word === null) {
      while (at + 1 < text.length && text.charAt(at + 1) !== '\n') at += 1;
    } else if (two === '&&' || two === '||') {
      end(two, at);
      at += 1;
    } else if (char === '|' || char === '&' || char === ';' || char === '(' || char === ')') end(char, at);
    else if (char === '\n') end(';', at);
    else if (char === '<' || char === '>') {
      // `2>&1` leaves it in the log.
      const joined = /^>&[12](?![^\s;|&)])/.test(text.slice(at, at + 4));
      if (joined && word !== null && /^\d$/.test(word)) word = null;
      endWord();
      if (joined) at += 2;
      else {
        odd = true;
        if (text.charAt(at + 1) === '&') at += 1;
      }
    } else if (/\s/.test(char)) endWord();
    else word = (word ?? '') + char;
  }
  end('', text.length);
  return all;
}
