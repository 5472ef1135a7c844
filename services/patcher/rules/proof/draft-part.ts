import type { JobEnqueuedData, MutatedLine } from '../../../../events/jobs/job.ts';

type JobPatch = NonNullable<JobEnqueuedData['patch']>;

/** Whether a job runs on a draft at all: one that makes it does not, nor does a look at the base commit. */
export function isOnDraft({ stage }: Pick<JobPatch, 'stage'>): boolean {
  return stage !== 'draft' && stage !== 'base';
}

/** What of a draft's diff a job is run on; undefined when nothing of it. */
export function partFor({ only, mutant }: Pick<JobPatch, 'only' | 'mutant'>, diff: string): string | undefined {
  const part = only === undefined ? diff : onlyFiles(diff, only);
  if (part === '') return undefined;
  return mutant === undefined ? part : withMutant(part, mutant);
}

/** One file of a git diff: its path in the patched tree, or the one that it had, and its part of the text. */
type DiffSection = { readonly path: string; readonly text: string };

/** A line that a diff adds: the number that it has in the patched file, and its place among the lines of the diff's part. */
type AddedLine = { readonly line: number; readonly text: string; readonly at: number };

/** The files of a diff as git writes it. Throws an Error for a part that names no file. */
export function sectionsOf(diff: string): DiffSection[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((text) => text.startsWith('diff --git '))
    .map((text) => ({ path: pathOf(text), text }));
}

/** A diff with some of its files alone; empty when none of them is in it. */
export function onlyFiles(diff: string, paths: readonly string[]): string {
  const wanted = new Set(paths);
  return sectionsOf(diff)
    .filter(({ path }) => wanted.has(path))
    .map(({ text }) => text)
    .join('');
}

/** A diff in which one added line reads otherwise. Throws an Error when it adds no such line. */
export function withMutant(diff: string, { file, line, text }: MutatedLine): string {
  let isDone = false;
  const parts = sectionsOf(diff).map((section) => {
    const added = section.path === file ? addedLines(section).find((one) => one.line === line) : undefined;
    if (!added) return section.text;
    isDone = true;
    return section.text
      .split('\n')
      .map((one, at) => (at === added.at ? `+${text}` : one))
      .join('\n');
  });
  if (!isDone) throw new Error(`The draft adds no line ${line} to ${file}.`);
  return parts.join('');
}

/** The lines that a part of a diff adds, in their order. */
export function addedLines({ text }: DiffSection): AddedLine[] {
  const added: AddedLine[] = [];
  let line = 0;
  let left = { before: 0, after: 0 };
  text.split('\n').forEach((one, at) => {
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(one);
    if (hunk && left.before <= 0 && left.after <= 0) {
      line = Number(hunk[2]);
      left = { before: Number(hunk[1] ?? 1), after: Number(hunk[3] ?? 1) };
    } else if (left.before > 0 || left.after > 0) {
      if (one.startsWith('+')) added.push({ line, text: one.slice(1), at });
      if (one.startsWith('+') || one.startsWith(' ')) {
        line += 1;
        left = { ...left, after: left.after - 1 };
      }
      if (one.startsWith('-') || one.startsWith(' ')) left = { ...left, before: left.before - 1 };
    }
  });
  return added;
}

function pathOf(section: string): string {
  const [head = ''] = section.split(/^@@ /m, 1);
  const named = ['+++ b/', '--- a/', 'rename to ', '+++ "b/', '--- "a/', 'rename to "'].flatMap((mark) => {
    const line = head.split('\n').find((one) => one.startsWith(mark));
    if (line === undefined || (mark.endsWith(' ') && line.startsWith(`${mark}"`))) return [];
    const rest = line.slice(mark.length).replace(/\t$/, '');
    return [mark.includes('"') ? unquoted(rest.replace(/"\t?$/, '')) : rest];
  });
  const [found = sameName(head)] = named;
  if (found === null) throw new Error('A part of the diff names no file.');
  return found;
}

/** Without lines, as for a mode that changes, both names stand behind each other and are the same. */
function sameName(head: string): string | null {
  const [first = ''] = head.split('\n', 1);
  const plain = /^diff --git a\/(.+) b\/\1$/.exec(first)?.[1];
  const quoted = /^diff --git "a\/(.+)" "b\/\1"$/.exec(first)?.[1];
  return plain ?? (quoted === undefined ? null : unquoted(quoted));
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

function unquoted(text: string): string {
  const bytes: number[] = [];
  for (const [whole, octal, short] of text.matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (short !== undefined) bytes.push(escapes[short] ?? short.charCodeAt(0));
    else bytes.push(...Buffer.from(whole, 'utf8'));
  }
  return Buffer.from(bytes).toString('utf8');
}
