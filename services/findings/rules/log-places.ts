/** What of a finding is looked for in a log. */
export type Sought = {
  readonly file: string | null;
  readonly line: number | null;
  readonly code: string | null;
  readonly message: string;
};

/** `a/b.js:12`, `b.js(12,`, `b.js", line 12`: how tools print a place. */
const place = /([^\s:()"'<>|]{1,512})(?::|\(|", line )(\d{1,7})/g;
/** Findings that are looked for by their words alone, and how many of these are enough. */
const mostByWords = 500;
const wordsLength = 60;
/** Of a longer line only the beginning is looked at for places. */
const longestLine = 4_000;

/** Finds the lines of a log that findings were read from: fed line by line, in order. */
export function logPlaces(findings: readonly Sought[]): {
  see(line: string, number: number): void;
  /** The line (from 1) of each finding, in their order; null where none was recognised. */
  found(): (number | null)[];
} {
  const lines: (number | null)[] = findings.map(() => null);
  const sure = findings.map(() => false);
  const keyOf = (path: string, line: number | string) => `${path.slice(path.lastIndexOf('/') + 1)}:${line}`;
  const byPlace = new Map<string, number[]>();
  for (const [at, { file, line }] of findings.entries()) {
    if (file === null || line === null) continue;
    const key = keyOf(file, line);
    byPlace.set(key, [...(byPlace.get(key) ?? []), at]);
  }
  const words = findings.map(({ message, code }) =>
    (message.split('\n')[0] || code || '').trim().slice(0, wordsLength),
  );
  let byWords = findings.flatMap((_, at) => (words[at] === '' ? [] : [at])).slice(0, mostByWords);
  /** A line with the words and the place is surer than one with either alone. */
  const note = (at: number, number: number, isSure: boolean) => {
    if (sure[at] === true || (lines[at] !== null && !isSure)) return;
    lines[at] = number;
    sure[at] = isSure;
  };
  const says = (line: string, at: number) =>
    line.includes(words[at] ?? '') || line.includes(findings[at]?.code ?? '\0');
  return {
    see: (line, number) => {
      for (const [, path = '', row = ''] of line.slice(0, longestLine).matchAll(place))
        for (const at of byPlace.get(keyOf(path, row)) ?? []) note(at, number, says(line, at));
      for (const at of byWords)
        if (line.includes(words[at] ?? '')) note(at, number, line.includes(findings[at]?.file ?? ''));
      byWords = byWords.filter((at) => sure[at] !== true);
    },
    found: () => lines,
  };
}
