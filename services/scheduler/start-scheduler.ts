import { join } from 'node:path';
import { keepCheckpoints } from '../checkpoints/keep-checkpoints.ts';
import type { Config } from '../config.ts';
import type { Consumer } from '../define.ts';
import type { Clock } from '../floor/clock.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import type { Store } from '../io/open-store.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { openSetCache } from '../recipe-sets/set-cache.ts';
import { watchSources } from '../recipe-sets/watch-sources.ts';
import type { Parts } from '../role-deps.ts';
import { fireSlots } from './fire-slots.ts';
import { retryTroubled } from './retry-troubled.ts';
import { scheduler } from './scheduler.ts';
import { watchHeads } from './watch-heads.ts';

export type SchedulerDeps = Store & {
  readonly config: Config;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  readonly version: string;
  readonly workspaces: Pick<Workspaces, 'branchTip' | 'listFiles' | 'readBlobs' | 'refTip'>;
  readonly parts?: Pick<Parts, 'consumer'>;
};

/** How often it is looked whether a slot has come, and whether a branch is to be asked for, in ms. */
const beat = 5_000;

/** Starts the role; closing it waits for what it does at the moment, but not for a remote that does not answer. */
export async function startScheduler(deps: SchedulerDeps): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const heads = watchHeads({ ...deps, signal: stopping.signal });
  const cache = openSetCache(join(deps.config.cacheDir, 'recipe-sets'), deps.clock.now);
  const sources = watchSources({ ...deps, cache, signal: stopping.signal });
  const { consumer: asRun = (one: Consumer) => one } = deps.parts ?? {};
  const consumer = await runConsumer(asRun(scheduler({ ...deps, heads, sources })), deps);
  // Apart: a slow remote keeps no slot waiting.
  const beats = [deps.clock.every(beat, fireSlots(deps)), deps.clock.every(beat, heads.poll)];
  beats.push(deps.clock.every(beat, sources.poll));
  beats.push(deps.clock.every(beat, retryTroubled(deps)));
  beats.push(deps.clock.every(beat, keepCheckpoints({ ...deps, dataDir: deps.config.dataDir })));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([...beats.map((one) => one.stop()), consumer.stop()]);
    },
  };
}
