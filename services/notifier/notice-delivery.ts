import type { Recorded } from '../../events/registry.ts';
import type { WaitingTarget } from '../../projections/notices/notice-queries.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import { isAppError } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { ForgeChoice } from '../floor/forges/choose-forge.ts';
import type { Failure } from '../floor/notice-outcome.ts';
import type { Forge } from '../io/forge/forge.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { Resolve } from '../io/webhook/pinned-request.ts';
import type { ReadModels } from '../projector/read-models.ts';

export type NotifierDeps = Pick<Store, 'log' | 'vault' | 'hints'> & {
  readonly config: Config;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  readonly version: string;
  /** Null without a grant for the farm's token. */
  readonly openForge?: (project: string, choice: ForgeChoice) => Forge | null;
  readonly resolve?: Resolve;
};

/** One event on its way to one target. */
export type Delivery = {
  readonly target: WaitingTarget;
  readonly project: ProjectDoc;
  readonly event: Recorded;
  readonly signal: AbortSignal;
  readonly deps: NotifierDeps;
};

/** Why a notice is not delivered; `lasting` unless waiting may help. */
export function undelivered(reason: string, more: Partial<Failure> = {}): Failure {
  return { delivered: false, status: null, reason, retryAfterSecs: null, lasting: 'notice', ...more };
}

/** What waiting does not change: there is no such thing there, or we may not say anything about it. */
const lasting = new Set(['not_found', 'forbidden', 'invalid']);

/** The same, when a service that we know did not take it. Throws on what nobody foresaw. */
export function undeliveredBy(error: unknown): Failure {
  if (!isAppError(error)) throw error;
  const retryAfterSecs = error.retryAfterSecs ?? null;
  return undelivered(error.message, { retryAfterSecs, lasting: lasting.has(error.code) ? 'notice' : null });
}
