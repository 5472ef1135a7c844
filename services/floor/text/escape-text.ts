/**
 * Words of tools, agents and repositories, made safe to be shown on a forge: they format nothing, link nowhere, call
 * nobody, and close no issue. Markdown alone does not help against the last two, since forges look for `@name` and
 * `fixes #1` in what is rendered; only inside of code they do not. Titles and commit messages are not Markdown at all, so
 * there a character of no width stands in between.
 */

const gap = '\u200b';
const cutMark = '… (cut)';

/** Characters that are not seen, turn the direction of text, or are none; and piles of accents. */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(/[^\P{C}\n]|\u115f|\u1160|\u3164|\uffa0/gu, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1');
}

/** Cuts, and says so. Lengths are in UTF-16 code units and hold the mark. */
export function cutText(text: string, longest: number, mark = cutMark): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - mark.length).replace(/[\ud800-\udbff]$/, '')}${mark}`;
}

/** One line of seen characters; `text` is read no further than it could be shown. */
export function oneLine(text: string, longest: number, mark?: string): string {
  return cutText(
    visible(text.slice(0, longest * 4))
      .replace(/\s+/g, ' ')
      .trim(),
    longest,
    mark,
  );
}

/** Parts what a forge would read as a reference or a name, wherever the text ends up. */
function apart(text: string): string {
  return text
    .replace(/[#!](?=\d)/g, `$&${gap}`)
    .replace(/gh-(?=\d)/gi, `$&${gap}`)
    .replace(/\/(?:issues|pulls?|merge_requests|discussions)\/(?=\d)/gi, `$&${gap}`);
}

/** For titles and commit messages, which are not Markdown. */
export function escapedLine(text: string, longest: number): string {
  // Every gap makes it longer, so it is cut last.
  return cutText(apart(oneLine(text, longest, '…')).replace(/@(?=[\p{L}\p{N}_-])/gu, `@${gap}`), longest, '…');
}

/** The same over several lines, with their ends kept. */
export function escapedLines(text: string, longest: number): string {
  const lines = visible(text.slice(0, longest * 2)).split('\n');
  const safe = lines.map((line) => apart(line.trimEnd()).replace(/@(?=[\p{L}\p{N}_-])/gu, `@${gap}`));
  return cutText(safe.join('\n').trim(), longest);
}

/** A code span; fits into a cell of a table. */
export function code(text: string | null, longest = 200): string {
  const line = apart(oneLine(text ?? '', longest))
    .replaceAll('`', "'")
    .replaceAll('|', '¦');
  return line === '' ? '—' : `\`${line}\``;
}

/** A block of code with a fence that the text cannot close. */
export function fenced(text: string, longest: number): string {
  const block = cutText(apart(visible(text.slice(0, longest * 2))), longest).replace(/^\n+|\s+$/g, '');
  const runs = block.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${block}\n${fence}`;
}

/** Sentences as a quotation, line by line. What could be a name, a reference or an address is shown as code. */
export function quoted(text: string, longest: number): string {
  const lines = cutText(visible(text.slice(0, longest * 2)).trim(), longest).split('\n');
  const shown = lines.length > 100 ? [...lines.slice(0, 100), cutMark] : lines;
  return shown.map((line) => `> ${sentence(line)}`.trimEnd()).join('\n');
}

function sentence(line: string): string {
  const words = line.trim().split(/\s+/).map(shownWord).join(' ');
  // What begins a list, a heading or a rule.
  return words.replace(/^(\d{1,9})([.)])/, '$1\\$2').replace(/^[#+=-]/, '\\$&');
}

/** A word, with the marks around it apart: `(@ann),` is code in between. */
function shownWord(word: string): string {
  const start = /^["'(]*/.exec(word)?.[0].length ?? 0;
  let end = word.length;
  while (end > start && ',.;:?!)"\''.includes(word[end - 1] ?? '')) end -= 1;
  const core = word.slice(start, end);
  const [isCode, inside] = /^`[^`]+`$/.test(core) ? [true, core.slice(1, -1)] : [isRisky(core), core];
  return isCode ? `${escaped(word.slice(0, start))}${code(inside, 500)}${escaped(word.slice(end))}` : escaped(word);
}

function isRisky(word: string): boolean {
  return /@|[#!]\d|:\/\/|www\.|\[\[|gh-\d|\/(?:issues|pulls?|merge_requests|discussions)\/\d|^\W*(?:mailto|xmpp|javascript|data):/i.test(
    word,
  );
}

function escaped(word: string): string {
  return word
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
