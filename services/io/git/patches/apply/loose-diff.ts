/** One line of a hunk. `loose` lines had no mark in front: context that lost it, or words around the diff. */
export type LooseLine = { readonly mark: ' ' | '-' | '+'; readonly text: string; readonly loose: boolean };

/** `start` is the first line in the old file, counted from 1; null when the header does not say. */
export type LooseHunk = {
  readonly start: number | null;
  readonly lines: LooseLine[];
  /** Whether the last line of the old and of the new file is said to lack its end. */
  readonly open: { old: boolean; new: boolean };
};

/**
 * What a diff says of one file, as far as it can be understood. Paths are as they are written, with whatever stands in front
 * (`a/`); null is `/dev/null`, undefined not said. `mode` is the new one.
 */
export type LooseFile = {
  oldPath: string | null | undefined;
  newPath: string | null | undefined;
  mode: string | undefined;
  renamed: { from?: string; to?: string };
  deleted: boolean;
  /** Whether lines with `---` and `+++` named it. */
  titled: boolean;
  readonly hunks: LooseHunk[];
};

const hunkHeader = /^@@+ *(?:-(\d{1,9})(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? *@@)?/;
const noEndOfLine = /^\\ ?no newline/i;

/** Reads a unified diff as people and models write it: without headers, numbers, marks or the right counts. Never throws. */
export function readLooseDiff(diff: string): LooseFile[] {
  const files: LooseFile[] = [];
  const lines = diff.split('\n');
  let hunk: LooseHunk | undefined;
  const current = (): LooseFile => files.at(-1) ?? begin(files);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.startsWith('diff --git ')) {
      hunk = undefined;
      readGitHeader(begin(files), line);
    } else if (opensFile(lines, at, hunk !== undefined)) {
      const last = files.at(-1);
      const file = last === undefined || last.hunks.length > 0 || last.titled ? begin(files) : last;
      hunk = undefined;
      file.oldPath = headerPath(line.slice(4));
      file.newPath = headerPath((lines[at + 1] ?? '').slice(4));
      file.titled = true;
      at += 1;
    } else if (line.startsWith('@@') && files.length > 0) {
      const start = hunkHeader.exec(line)?.[1];
      hunk = { start: start === undefined ? null : Number(start), lines: [], open: { old: false, new: false } };
      current().hunks.push(hunk);
    } else if (hunk === undefined) readExtendedHeader(files.at(-1), line);
    else if (noEndOfLine.test(line)) readOpenEnd(hunk);
    else hunk.lines.push(readLine(line));
  }
  for (const file of files) for (const each of file.hunks) dropSeparators(each.lines);
  return files;
}

/** Whether every path has the letter of its side in front, as git writes them. */
export function hasPrefixes(files: readonly LooseFile[]): boolean {
  return files.every(
    ({ oldPath, newPath }) => !(oldPath && !/^[aciow]\//.test(oldPath)) && !(newPath && !/^[bciow]\//.test(newPath)),
  );
}

/** Whether git can count the lines of a hunk by itself: they all have their marks, and the header has numbers. */
export function isCountable(hunk: LooseHunk): boolean {
  return hunk.start !== null && hunk.lines.every((line) => !line.loose || line.text === '');
}

function begin(files: LooseFile[]): LooseFile {
  const file: LooseFile = {
    oldPath: undefined,
    newPath: undefined,
    mode: undefined,
    renamed: {},
    deleted: false,
    titled: false,
    hunks: [],
  };
  files.push(file);
  return file;
}

// A removed line that began with two dashes looks like a header; what follows tells.
function opensFile(lines: readonly string[], at: number, inHunk: boolean): boolean {
  if (!lines[at]?.startsWith('--- ') || !lines[at + 1]?.startsWith('+++ ')) return false;
  return !inHunk || (lines[at + 2] ?? '@@').startsWith('@@');
}

// Both names are equal but for the letter in front unless the file moves, and then other lines name them.
function readGitHeader(file: LooseFile, line: string): void {
  const rest = line.slice('diff --git '.length).trimEnd();
  const [, oldQuoted, newQuoted] = /^"((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$/.exec(rest) ?? [];
  if (oldQuoted !== undefined && newQuoted !== undefined) {
    file.oldPath = unquote(oldQuoted);
    file.newPath = unquote(newQuoted);
    return;
  }
  const middle = (rest.length - 1) / 2;
  const halves = [rest.slice(0, middle), rest.slice(middle + 1)] as const;
  const even = Number.isInteger(middle) && rest[middle] === ' ' && halves[0].slice(2) === halves[1].slice(2);
  const words = even ? halves : rest.split(' ');
  if (words.length !== 2) return;
  file.oldPath = words[0];
  file.newPath = words[1];
}

function readExtendedHeader(file: LooseFile | undefined, line: string): void {
  if (file === undefined) return;
  const [, word, rest = ''] =
    /^(new file mode|new mode|deleted file mode|rename from|rename to) (.*)$/.exec(line) ?? [];
  if (word === 'new file mode' || word === 'new mode') file.mode = rest.trim();
  if (word === 'new file mode') file.oldPath = null;
  if (word === 'deleted file mode') file.deleted = true;
  if (word === 'rename from') file.renamed.from = headerPath(rest) ?? rest;
  if (word === 'rename to') file.renamed.to = headerPath(rest) ?? rest;
}

function headerPath(text: string): string | null {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  const name = quoted === undefined ? (text.split('\t')[0] ?? '').trimEnd() : unquote(quoted);
  return name === '/dev/null' ? null : name;
}

const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

// git quotes byte by byte.
function unquote(text: string): string {
  const bytes = text.replace(/\\([0-7]{3}|.)|[^\x00-\x7f]+/gu, (whole, code?: string) => {
    if (code === undefined) return Buffer.from(whole).toString('latin1');
    return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (escapes[code] ?? code);
  });
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function readOpenEnd(hunk: LooseHunk): void {
  const mark = hunk.lines.at(-1)?.mark;
  if (mark !== '+') hunk.open.old = true;
  if (mark !== '-') hunk.open.new = true;
}

function readLine(line: string): LooseLine {
  const mark = line[0];
  if (mark === '+' || mark === '-' || mark === ' ') return { mark, text: line.slice(1), loose: false };
  return { mark: ' ', text: line, loose: true };
}

function dropSeparators(lines: LooseLine[]): void {
  while (lines.at(-1)?.loose && lines.at(-1)?.text.trim() === '') lines.pop();
}
