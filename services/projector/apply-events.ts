import type { EventName, Recorded } from '../../events/registry.ts';
import type { Projection } from '../../projections/define.ts';
import type { ReadStore } from '../io/read-store.ts';
import { openOvertaken } from './overtaken-events.ts';

/** Gathers events and applies them to all read models in one transaction. */
export type Applier = {
  readonly add: (event: Recorded) => void;
  /**
   * Commits what was gathered. A throw leaves the store where it was, and the models with what they have not written: they
   * are to be opened anew, and what was gathered is to be read again.
   */
  readonly commit: () => void;
  /** The last sequence that is committed. */
  readonly seq: () => number;
  readonly pending: () => number;
};

type AnyHandler = (event: Recorded) => void;

/** Opens the read models on a store. */
export function openApplier(store: ReadStore, projections: readonly Projection[]): Applier {
  const opened = projections.map(({ open }) => open(store.db));
  const handlers = new Map<EventName, AnyHandler[]>();
  for (const { on } of opened) {
    for (const [name, handler] of Object.entries(on) as [EventName, AnyHandler][]) {
      handlers.set(name, [...(handlers.get(name) ?? []), handler]);
    }
  }
  // A test may bring some read models alone, without the one that knows the owners.
  const overtaken = ['projects', 'teams'].every((one) => projections.some(({ name }) => name === one))
    ? openOvertaken(store.db)
    : null;
  let gathered: Recorded[] = [];
  let seq = store.checkpoint().seq;

  const apply = () => {
    for (const event of gathered) {
      if (overtaken?.isOvertaken(event)) continue;
      for (const handle of handlers.get(event.type) ?? []) handle(event);
    }
    for (const { flush } of opened) flush();
    overtaken?.flush();
  };
  return {
    add: (event) => {
      gathered.push(event);
    },
    commit: () => {
      const last = gathered.at(-1);
      if (!last) return;
      try {
        store.commit(apply, { seq: last.seq, eventId: last.eventId });
      } finally {
        gathered = [];
      }
      seq = last.seq;
    },
    seq: () => seq,
    pending: () => gathered.length,
  };
}
