export type DiffLine = {
  readonly kind: 'same' | 'added' | 'removed' | 'note';
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
};

type DiffHunk = { readonly head: string; readonly lines: readonly DiffLine[] };
export type DiffFile = {
  readonly path: string;
  readonly before: string | null;
  readonly hunks: readonly DiffHunk[];
  readonly added: number;
  readonly removed: number;
};

type Open = { path: string; before: string | null; hunks: { head: string; lines: DiffLine[] }[] };

/** A unified diff, as git writes it, file by file. What is no diff is left out; it never throws. */
export function parseDiff(diff: string): DiffFile[] {
  const files: Open[] = [];
  let [before, after] = [0, 0];
  let [leftBefore, leftAfter] = [0, 0];
  for (const line of diff.split('\n')) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    if (hunk && (leftBefore > 0 || leftAfter > 0 || line.startsWith('\\'))) {
      const mark = line[0];
      const text = line.slice(1);
      if (mark === '+') {
        hunk.lines.push({ kind: 'added', before: null, after, text });
        after += 1;
        leftAfter -= 1;
      } else if (mark === '-') {
        hunk.lines.push({ kind: 'removed', before, after: null, text });
        before += 1;
        leftBefore -= 1;
      } else if (mark === '\\') hunk.lines.push({ kind: 'note', before: null, after: null, text: text.trim() });
      else {
        hunk.lines.push({ kind: 'same', before, after, text });
        before += 1;
        after += 1;
        leftBefore -= 1;
        leftAfter -= 1;
      }
      continue;
    }
    const named = /^diff --git a\/(.*) b\/(.*)$/.exec(line);
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (named)
      files.push({ path: named[2] ?? '', before: named[1] === named[2] ? null : (named[1] ?? null), hunks: [] });
    else if (line.startsWith('+++ ') && !file)
      files.push({ path: line.slice(4).replace(/^b\//, ''), before: null, hunks: [] });
    else if (head && file) {
      file.hunks.push({ head: line, lines: [] });
      [before, after] = [Number(head[1]), Number(head[3])];
      [leftBefore, leftAfter] = [Number(head[2] ?? 1), Number(head[4] ?? 1)];
    }
  }
  return files.map(({ hunks, ...file }) => {
    const all = hunks.flatMap(({ lines }) => lines);
    const count = (kind: DiffLine['kind']) => all.filter((one) => one.kind === kind).length;
    return { ...file, hunks, added: count('added'), removed: count('removed') };
  });
}

/** The lines of a hunk side by side: what was removed beside what was added in its place. */
export function pairLines(lines: readonly DiffLine[]): [DiffLine | null, DiffLine | null][] {
  const pairs: [DiffLine | null, DiffLine | null][] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      pairs.push([removed[index] ?? null, added[index] ?? null]);
    removed = [];
    added = [];
  };
  for (const line of lines)
    if (line.kind === 'removed') {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'added') added.push(line);
    else {
      flush();
      if (line.kind === 'same') pairs.push([line, line]);
    }
  flush();
  return pairs;
}
