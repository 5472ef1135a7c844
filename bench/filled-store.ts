import type { Draft } from '../events/registry.ts';
import { readConfig } from '../services/config.ts';
import { silent } from '../services/io/log.ts';
import { openStore, type Store } from '../services/io/open-store.ts';

/** Appends that wait for the server at the same time. */
const onTheWay = 256;

/** The configuration of a farm in a data folder, without a rate limit that could matter. */
export function configIn(dataDir: string) {
  return readConfig({ CRAFTING_DATA_DIR: dataDir, CRAFTING_PORT: '0', CRAFTING_RATE_LIMIT: '10000000' });
}

/** Does some work with the store of a data folder, in this process. */
export async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(configIn(dataDir), silent);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Appends events in their order; they are on disk afterwards. Answers the last sequence, and events a second. */
export async function appendAll({ log }: Pick<Store, 'log'>, drafts: Iterator<Draft>) {
  const began = performance.now();
  const before = await log.end();
  const append = async () => {
    for (let next = drafts.next(); !next.done; next = drafts.next()) await log.append(next.value, { durable: false });
  };
  await Promise.all(Array.from({ length: onTheWay }, append));
  await log.flush();
  const end = await log.end();
  return { end, rate: perSecond(end - before, began) };
}

/** How many a second since a moment of `performance.now()`. */
export function perSecond(count: number, since: number): number {
  return (count * 1000) / (performance.now() - since);
}
