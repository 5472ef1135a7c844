import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type EntryStore, openEntryStore } from './entry-store.ts';

type Cached = Pick<Config, 'cacheDir' | 'installCacheBytes'>;
const stores = new WeakMap<Cached, EntryStore>();

/** What the runner of this host keeps, by its configuration; opened when somebody asks first. */
export function ownStore(config: Cached, now: () => number): EntryStore {
  const { cacheDir, installCacheBytes: mostBytes } = config;
  const store = stores.get(config) ?? openEntryStore({ dir: join(cacheDir, 'installs'), mostBytes, now });
  stores.set(config, store);
  return store;
}
