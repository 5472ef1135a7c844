import { type DigestContent, daySaid, footerWords, quietWords, removedWords } from './digest-content.ts';
import type { Line, Tone } from './digest-line.ts';
import { counted } from './digest-plain-words.ts';
import type { Block, Section } from './digest-section.ts';

/** Columns of a text client that nobody has widened. */
const width = 78;

const marks: Readonly<Record<Tone, string>> = { alarm: '!', warn: '*', good: '+', plain: '-' };

/** The text form: at most 78 columns, LF at the ends of lines. */
export function renderText(content: DigestContent): string {
  const { subject, sections } = content;
  const head = [...wrapped(subject, ''), `crafting-table digest of ${daySaid(content)}`];
  const foot = ['', '-- ', ...wrapped(footerWords, '')];
  return `${[...head, ...sections.flatMap(sectionLines), ...foot].join('\n')}\n`;
}

function sectionLines({ project, called = project, removed, blocks }: Section): string[] {
  const title = ['', '', called, '='.repeat(columnsOf(called))];
  if (removed) return [...title, '', removedWords];
  if (blocks.length === 0) return [...title, '', quietWords];
  return [...title, ...blocks.flatMap(blockLines)];
}

function blockLines({ title, lines, more }: Block): string[] {
  const rest = more > 0 ? [`  … and ${more.toLocaleString('en')} more`] : [];
  return [
    '',
    `${title.toUpperCase()} (${counted(lines.length + more, 'entry', 'entries')})`,
    ...lines.flatMap(lineLines),
    ...rest,
  ];
}

function lineLines({ tone, label, text, detail, url }: Line): string[] {
  const [first = '', ...others] = wrapped(`${label}: ${text}`, '    ');
  return [
    `  ${marks[tone]} ${first.trimStart()}`,
    ...others,
    ...(detail === null ? [] : wrapped(detail, '    ')),
    // An address that is broken into two lines leads nowhere.
    ...(url !== null && columnsOf(url) <= width - 4 ? [`    ${url}`] : []),
  ];
}

/** Words over lines of the width; a word that is longer than a line is cut into pieces. */
function wrapped(text: string, indent: string): string[] {
  const room = width - indent.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= room) line = longer;
    else {
      lines.push(indent + line);
      line = word;
    }
  }
  return [...lines, indent + line];
}

function pieces(word: string, room: number): string[] {
  if (columnsOf(word) <= room) return [word];
  const found: string[] = [];
  let piece = '';
  for (const char of word) {
    if (columnsOf(piece + char) > room) {
      found.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...found, piece];
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** The columns that a text takes: characters of East Asia take two, accents and gaps none. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += wide.test(char) ? 2 : /[\p{M}\u200b]/u.test(char) ? 0 : 1;
  return columns;
}
