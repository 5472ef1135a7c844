import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { KeeperDeps } from '../jobs/keep-jobs.ts';
import type { ReadModels } from '../projector/read-models.ts';

/** What the inbox of runners stands on. */
export type ClaimsDeps = Pick<Store, 'nats' | 'log' | 'logs' | 'vault' | 'leases' | 'hints'> & {
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  /** How much one job may print, in bytes, before a runner's word for it is taken. */
  readonly maxLogBytes: number;
  readonly leaseTimes?: NonNullable<KeeperDeps['leaseTimes']>;
};
