import type { Edit } from '../../events/finding.ts';

/** The lines that change: from `start` up to but not including `end`, counted in the old file, and what comes there. */
export type LineChange = { readonly start: number; readonly end: number; readonly text: string };

/** One hunk of a unified diff while it is read. */
export type DiffHunk = {
  /** Whether the line still belongs to the hunk. */
  line(line: string): boolean;
  readonly done: boolean;
  change(): LineChange | null;
};

const header = /^@@ -(\d{1,7})(?:,(\d{1,7}))? \+\d{1,7}(?:,(\d{1,7}))? @@/;
const maxText = 16_384;

/** Starts at `@@ -1,6 +1,6 @@`; null when the line is none. */
export function diffHunk(first: string): DiffHunk | null {
  const found = header.exec(first);
  if (found === null) return null;
  let oldLeft = Number(found[2] ?? 1);
  let newLeft = Number(found[3] ?? 1);
  let at = Number(found[1]) + (oldLeft === 0 ? 1 : 0);
  let start: number | null = null;
  let end = at;
  let text = '';
  /** Unchanged lines since the last change: they count only if another change follows. */
  let kept = '';
  let whole = true;
  const changed = () => {
    start ??= at;
    text += kept;
    kept = '';
    if (text.length > maxText) whole = false;
  };
  return {
    get done() {
      return oldLeft <= 0 && newLeft <= 0;
    },
    line(line) {
      const mark = line.charAt(0);
      if (line.startsWith('\\ No newline')) {
        // Which of the two files it is about makes a difference that lines cannot tell.
        whole = false;
        return true;
      }
      if (oldLeft <= 0 && newLeft <= 0) return false;
      if (mark === '-') {
        changed();
        at += 1;
        end = at;
        oldLeft -= 1;
      } else if (mark === '+') {
        changed();
        end = at;
        if (whole) text += `${line.slice(1)}\n`;
        newLeft -= 1;
      } else if (mark === ' ' || line === '') {
        at += 1;
        if (start !== null && whole) kept += `${line.slice(1)}\n`;
        if (kept.length > maxText) whole = false;
        oldLeft -= 1;
        newLeft -= 1;
      } else return false;
      return true;
    },
    change: () => (start === null || !whole || oldLeft > 0 || newLeft > 0 ? null : { start, end, text }),
  };
}

/** What a formatter would write there, as a safe edit; none where the hunk does not say it. */
export function editsOf(file: string, change: LineChange | null): Edit[] {
  if (change === null) return [];
  const { start, end, text } = change;
  return [{ file, start: { line: start, column: 1 }, end: { line: end, column: 1 }, text, safe: true }];
}
