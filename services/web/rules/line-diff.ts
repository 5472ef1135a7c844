import type { DiffLine } from './parse-diff.ts';

const longest = 3_000;

/** What differs between two texts, line by line, by their longest common subsequence. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n').slice(0, longest), after.split('\n').slice(0, longest)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const [mid, other] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const width = other.length + 1;
  const table = new Uint16Array((mid.length + 1) * width);
  for (let i = mid.length - 1; i >= 0; i -= 1)
    for (let j = other.length - 1; j >= 0; j -= 1)
      table[i * width + j] =
        mid[i] === other[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
  const lines: DiffLine[] = a
    .slice(0, head)
    .map((text, index) => ({ kind: 'same', before: index + 1, after: index + 1, text }));
  let [i, j] = [0, 0];
  while (i < mid.length || j < other.length)
    if (i < mid.length && j < other.length && mid[i] === other[j]) {
      lines.push({ kind: 'same', before: head + i + 1, after: head + j + 1, text: mid[i] ?? '' });
      i += 1;
      j += 1;
    } else if (
      i < mid.length &&
      (j >= other.length || (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: 'removed', before: head + i + 1, after: null, text: mid[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: 'added', before: null, after: head + j + 1, text: other[j] ?? '' });
      j += 1;
    }
  for (let index = 0; index < tail; index += 1)
    lines.push({
      kind: 'same',
      before: a.length - tail + index + 1,
      after: b.length - tail + index + 1,
      text: a[a.length - tail + index] ?? '',
    });
  return lines;
}

/** Only what differs, with some lines around it; a note stands for what is left out. */
export function onlyChanges(lines: readonly DiffLine[], around = 3): DiffLine[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') for (let at = index - around; at <= index + around; at += 1) near.add(at);
  const kept: DiffLine[] = [];
  let skipped = false;
  for (const [index, line] of lines.entries())
    if (near.has(index)) {
      if (skipped) kept.push({ kind: 'note', before: null, after: null, text: '…' });
      kept.push(line);
      skipped = false;
    } else skipped = true;
  return kept;
}
