import type { ConnectionOptions } from 'node:tls';
import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { ReadModels } from '../projector/read-models.ts';

/** What the role stands on. */
export type DigesterDeps = Pick<Store, 'log' | 'vault' | 'box'> & {
  readonly config: Config;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  readonly version: string;
  /** What a test may want otherwise. */
  readonly mail?: {
    readonly tlsOptions?: ConnectionOptions;
    /** How long one mail may take, and after how long a mail that was about to be handed over counts as lost, in ms. */
    readonly wholeMs?: number;
    readonly unknownAfterMs?: number;
  };
};
