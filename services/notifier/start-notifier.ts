import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantedForges } from '../projects/forge-access.ts';
import { startDeliveries } from './notifier.ts';

export type NotifierDeps = Store & {
  readonly config: Config;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  readonly version: string;
};

/** Starts the role; closing it waits for what it does at the moment. */
export async function startNotifier(deps: NotifierDeps): Promise<{ stop(): Promise<void> }> {
  return startDeliveries({ ...deps, openForge: grantedForges(deps) });
}
