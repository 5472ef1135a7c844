import { ask } from './api-call.ts';
import type { LogStore } from './log-store.ts';

const pageLines = 500;
/** Pages that are kept: what one scrolls back to is there. */
const mostPages = 80;
const pollMs = 400;

type Lines = {
  readonly first: number;
  readonly lines: readonly string[];
  readonly total_lines: number | null;
  readonly first_error_line: number | null;
};
type Matches = { readonly matches: readonly { readonly line: number }[]; readonly next_from: number | null };

/** A log that is too long to be sent whole: the lines that are looked at are fetched as one scrolls. */
export function openRangedLog(id: string, bytes: number, onGrowth: (problem: unknown) => void): LogStore {
  const path = `/jobs/${encodeURIComponent(id)}/log`;
  const pages = new Map<number, readonly string[]>();
  const asked = new Set<number>();
  const abort = new AbortController();
  let total: number | null = null;
  let known = 0;
  let firstError: number | null = null;

  const take = async (page: number): Promise<void> => {
    if (asked.has(page)) return;
    asked.add(page);
    try {
      const from = page * pageLines + 1;
      const answer = await ask<Lines>('GET', `${path}/lines?from=${from}&count=${pageLines}`, undefined, abort.signal);
      pages.set(page, answer.lines);
      const [oldest] = pages.keys();
      if (pages.size > mostPages && oldest !== undefined) pages.delete(oldest);
      total = answer.total_lines;
      firstError = answer.first_error_line ?? firstError;
      known = Math.max(known, answer.first - 1 + answer.lines.length);
      if (total === null) setTimeout(() => abort.signal.aborted || void take(0), pollMs);
      onGrowth(null);
    } catch (error) {
      if (!abort.signal.aborted) onGrowth(error);
    } finally {
      asked.delete(page);
    }
  };
  void take(0);
  return {
    lines: () => total ?? known,
    bytes: () => bytes,
    isWhole: () => total !== null,
    line: (index) => {
      const page = Math.floor(index / pageLines);
      const lines = pages.get(page);
      if (!lines) void take(page);
      return lines?.[index % pageLines] ?? '';
    },
    close: () => abort.abort(),
    firstError: () => (firstError === null ? null : firstError - 1),
    search: async (words, tell, signal) => {
      const hits: number[] = [];
      for (let from: number | null = 1; from !== null && hits.length < 10_000; ) {
        const query = new URLSearchParams({ q: words, from: String(from), limit: '500' });
        const { matches, next_from }: Matches = await ask('GET', `${path}/search?${query}`, undefined, signal);
        hits.push(...matches.map(({ line }) => line - 1));
        from = next_from;
        tell([...hits], from === null);
      }
    },
  };
}
