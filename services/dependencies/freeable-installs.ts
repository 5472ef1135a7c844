import type { Freeable } from '../io/disk/freeable.ts';
import type { EntryStore } from './entry-store.ts';

/** What installs made; while there is time, no more than was not used lately. */
export function freeableInstalls(dir: string, open: () => Pick<EntryStore, 'list' | 'freeLeastUsed'>): Freeable {
  return {
    name: 'kept installs',
    dir,
    freeLeastUsed: async (bytes, unusedSince) => {
      const store = open();
      const old = (await store.list()).filter(({ usedAt }) => usedAt <= unusedSince);
      const most = old.reduce((sum, one) => sum + one.bytes, 0);
      return most === 0 ? 0 : store.freeLeastUsed(Math.min(bytes, most));
    },
  };
}
