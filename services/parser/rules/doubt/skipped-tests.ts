const skips = /\b\w{1,60}\.Skip(?:f|Now)?\(|\btesting\.Short\(\)/;

/** The text of a Go test's function in its file; null where it is not there. */
function bodyOf(test: string, lines: readonly string[]): string | null {
  const from = lines.findIndex((line) => line.startsWith(`func ${test}(`));
  if (from === -1) return null;
  const length = lines.slice(from + 1).findIndex((line) => /^(?:\}|func )/.test(line));
  return lines.slice(from, length === -1 ? undefined : from + 1 + length).join('\n');
}

/**
 * Whether a Go test that no longer fails may be skipped: without `-v` `go test` says nothing of those. Its function skips
 * now, and did not when it failed.
 */
export function skipsNow(code: string | null, then: readonly string[] | null, now: readonly string[] | null): boolean {
  const test = /(?:^|[./])((?:Test|Fuzz|Example)\w{0,200})(?:\/.*)?$/.exec(code ?? '')?.[1];
  if (test === undefined || now === null) return false;
  const [before, after] = [then === null ? null : bodyOf(test, then), bodyOf(test, now)];
  return after !== null && skips.test(after) && !skips.test(before ?? '');
}
