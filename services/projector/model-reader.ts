import { statSync } from 'node:fs';
import type { Projection } from '../../projections/define.ts';
import { openReadOnly, type ReadOnlyStore } from '../io/read-store.ts';
import { type Queries, queriesOn } from './read-models.ts';

/** The read models of a host as a process sees them that does not write them. */
export type ModelReader = {
  readonly queries: () => Queries;
  /** The last sequence that was seen in the file; what the queries answer holds it, and may hold more. */
  readonly seq: () => number;
  /** Looks how far the file is, and whether another one has taken its place. Answers whether anything moved. */
  look(): boolean;
  close(): void;
};

type Opened = { readonly store: ReadOnlyStore; readonly queries: Queries; readonly ino: number };

/** Opens the file; undefined while there is none that can be asked, because the one who writes is not so far. */
export function openModelReader(file: string, models: readonly Projection[]): ModelReader | undefined {
  const first = openNow(file, models);
  if (!first) return undefined;
  let opened = first;
  let seq = opened.store.checkpoint().seq;
  const look = () => {
    const ino = inodeOf(file);
    if (ino !== null && ino !== opened.ino) {
      // The old file stays as it was for whoever has it open: nothing is lost when the new one cannot be asked yet.
      const next = openNow(file, models);
      if (next) {
        const before = opened;
        opened = next;
        closeQuietly(before.store);
      }
    }
    const now = opened.store.checkpoint().seq;
    const moved = now !== seq;
    seq = now;
    return moved;
  };
  return { queries: () => opened.queries, seq: () => seq, look, close: () => opened.store.close() };
}

/** A file that is exchanged while it is opened is opened again by whoever looks next. */
function openNow(file: string, models: readonly Projection[]): Opened | undefined {
  const ino = inodeOf(file);
  if (ino === null) return undefined;
  let store: ReadOnlyStore | undefined;
  try {
    store = openReadOnly(file, models);
    const { seq } = store.checkpoint();
    // Of another version: it is shown as long as its tables are those that we ask, as whoever writes it does.
    if (store.current || seq > 0) return { store, queries: queriesOn(store.db), ino };
  } catch {
    // It is being made, or its tables are not those that we ask.
  }
  store?.close();
  return undefined;
}

/** A question that is being answered from the old file goes on; the collector closes the file behind it. */
function closeQuietly(store: ReadOnlyStore): void {
  try {
    store.close();
  } catch {}
}

function inodeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? null;
}
