import type { EntryStore } from './entry-store.ts';

/** What keeping dependencies stands on. */
export type DependencyDeps = {
  readonly store: EntryStore;
  readonly versions: (command: string) => Promise<readonly string[]>;
  readonly now: () => number;
  readonly onTrouble: (what: string, error: unknown) => void;
};
