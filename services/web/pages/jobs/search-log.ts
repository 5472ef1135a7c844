import { plainText } from '../../rules/ansi-text.ts';
import { saysTrouble } from '../../rules/log-index.ts';
import type { Finding } from '../../state/documents.ts';
import type { LogStore } from '../../state/log-store.ts';

/** Lines that are looked at before the page may breathe. */
const slice = 10_000;
const mostHits = 10_000;

/** Looks for words in a log without holding the page up; answers what ends that. */
export function searchLog(
  log: LogStore,
  words: string,
  tell: (lines: readonly number[], done: boolean) => void,
): () => void {
  const wanted = words.toLowerCase();
  if (wanted === '') {
    tell([], true);
    return () => {};
  }
  if (log.search) {
    const abort = new AbortController();
    const search = log.search;
    const soon = setTimeout(() => void search(words, tell, abort.signal).catch(() => {}), 250);
    return () => {
      clearTimeout(soon);
      abort.abort();
    };
  }
  const hits: number[] = [];
  let next = 0;
  let timer: ReturnType<typeof setTimeout>;
  const go = () => {
    const end = Math.min(log.lines(), next + slice);
    for (; next < end && hits.length < mostHits; next += 1) {
      const line = log.line(next);
      if (
        line.toLowerCase().includes(wanted) ||
        (line.includes('\u001b') && plainText(line).toLowerCase().includes(wanted))
      )
        hits.push(next);
    }
    const done = next >= log.lines() || hits.length >= mostHits;
    tell([...hits], done);
    if (!done) timer = setTimeout(go, 0);
  };
  timer = setTimeout(go, 120);
  return () => clearTimeout(timer);
}

/** The index of the first line that says that something went wrong; of the last line where none does. */
export function firstTrouble(log: LogStore): number | null {
  const known = log.firstError?.();
  if (log.firstError) return known ?? null;
  const most = Math.min(log.lines(), 200_000);
  for (let index = 0; index < most; index += 1) if (saysTrouble(plainText(log.line(index)))) return index;
  return log.lines() > 0 ? log.lines() - 1 : null;
}

/** Beside which line a finding stands: the one that it was read from, or the first that names its place and its words. */
export function findingsByLine(log: LogStore, findings: readonly Finding[]): ReadonlyMap<number, readonly Finding[]> {
  const found = new Map<number, Finding[]>();
  const put = (index: number, finding: Finding) => found.set(index, [...(found.get(index) ?? []), finding]);
  const open = new Set<Finding>();
  for (const finding of findings)
    if (finding.log_line) put(finding.log_line - 1, finding);
    else open.add(finding);
  if (log.firstError) return found;
  const most = Math.min(log.lines(), 20_000);
  for (let index = 0; index < most && open.size > 0; index += 1) {
    const line = log.line(index);
    for (const finding of open)
      if (isAbout(line, finding)) {
        put(index, finding);
        open.delete(finding);
      }
  }
  return found;
}

function isAbout(line: string, { file, line: at, code, message }: Finding): boolean {
  if (line.length > 2_000) return false;
  const name = file?.split('/').at(-1);
  const namesPlace = name !== undefined && line.includes(name) && at !== null && new RegExp(`\\b${at}\\b`).test(line);
  const namesRule = (code !== null && line.includes(code)) || line.includes(message.slice(0, 40));
  return namesPlace ? namesRule : file === null && code !== null && line.includes(code);
}
