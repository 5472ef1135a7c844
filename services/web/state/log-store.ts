import { countUpTo, lineEnds } from '../rules/log-index.ts';
import { answerOf } from './api-call.ts';

/** No line is shown longer: one of 100 MB would stop the browser. */
const longestLine = 10_000;

export type LogStore = {
  /** Lines that are there so far. */
  readonly lines: () => number;
  readonly bytes: () => number;
  readonly isWhole: () => boolean;
  /** A line by its index from 0, without its end. */
  readonly line: (index: number) => string;
  readonly close: () => void;
  /** Index of the first line that says that something failed, where the farm knows it. */
  readonly firstError?: () => number | null;
  /** Looks for words at the farm, where the log is not all here. */
  readonly search?: (
    words: string,
    tell: (lines: readonly number[], done: boolean) => void,
    signal: AbortSignal,
  ) => Promise<void>;
};

/** Reads a log as it comes, keeps its bytes outside of the heap, and turns only the lines that are looked at into text. */
export function openLog(id: string, follow: boolean, onGrowth: (problem: unknown) => void): LogStore {
  const abort = new AbortController();
  const chunks: Uint8Array[] = [];
  const starts: number[] = [];
  let ends = new Float64Array(4_096);
  let count = 0;
  let size = 0;
  let whole = false;
  const decoder = new TextDecoder();

  const take = (bytes: Uint8Array) => {
    const found = lineEnds(bytes, size);
    if (count + found.length > ends.length) {
      const larger = new Float64Array(Math.max(ends.length * 2, count + found.length));
      larger.set(ends);
      ends = larger;
    }
    ends.set(found, count);
    count += found.length;
    starts.push(size);
    chunks.push(bytes);
    size += bytes.length;
  };
  const read = async () => {
    const path = `/jobs/${encodeURIComponent(id)}/log${follow ? '?follow=1' : ''}`;
    const { body } = await answerOf('GET', path, undefined, abort.signal, { accept: 'text/plain' });
    const reader = body?.getReader();
    // Outside of the loop: each round of a `for` has a copy of what its head declares.
    let pending = false;
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      take(value);
      if (pending) continue;
      pending = true;
      requestAnimationFrame(() => {
        pending = false;
        onGrowth(null);
      });
    }
  };
  const slice = (from: number, to: number): string => {
    const parts: string[] = [];
    for (let index = Math.max(0, countUpTo(starts, from) - 1); index < chunks.length; index += 1) {
      const [chunk, start] = [chunks[index], starts[index] ?? 0];
      if (!chunk || start >= to) break;
      parts.push(
        decoder.decode(chunk.subarray(Math.max(0, from - start), to - start), { stream: start + chunk.length < to }),
      );
    }
    return parts.join('');
  };
  read().then(
    () => {
      whole = true;
      onGrowth(null);
    },
    (error) => !abort.signal.aborted && onGrowth(error),
  );
  const endOf = (index: number) => (index < count ? (ends[index] ?? 0) : size);
  return {
    lines: () => count + (size > endOf(count - 1) && count > 0 ? 1 : count === 0 && size > 0 ? 1 : 0),
    bytes: () => size,
    isWhole: () => whole,
    line: (index) => {
      const from = index === 0 ? 0 : endOf(index - 1);
      return slice(from, Math.min(endOf(index), from + longestLine)).replace(/\r?\n$/, '');
    },
    close: () => abort.abort(),
  };
}
