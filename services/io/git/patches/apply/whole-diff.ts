const header = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@/;

/**
 * Whether a diff holds nothing that git would pass over in silence: every hunk has a header with numbers, and as many lines as
 * it says. Whatever else stands between the hunks does not look like a part of one.
 */
export function isWholeDiff(diff: string): boolean {
  const lines = diff.replace(/\n$/, '').split('\n');
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const [found, old = '1', fresh = '1'] = header.exec(line) ?? [];
    if (found !== undefined) {
      const end = endOfHunk(lines, at + 1, Number(old), Number(fresh));
      if (end === undefined) return false;
      at = end;
    } else if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ')) at += 2;
    else if (/^(?:@@|[+ -])/.test(line)) return false;
    else at += 1;
  }
  return true;
}

function endOfHunk(lines: readonly string[], start: number, old: number, fresh: number): number | undefined {
  let [at, oldLeft, freshLeft] = [start, old, fresh];
  while (oldLeft > 0 || freshLeft > 0) {
    const mark = lines[at]?.[0] ?? ' ';
    if (at >= lines.length || !' +-\\'.includes(mark)) return undefined;
    if (mark === ' ' || mark === '-') oldLeft -= 1;
    if (mark === ' ' || mark === '+') freshLeft -= 1;
    if (oldLeft < 0 || freshLeft < 0) return undefined;
    at += 1;
  }
  return lines[at]?.startsWith('\\') ? at + 1 : at;
}
