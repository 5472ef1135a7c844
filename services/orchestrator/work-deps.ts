import type { Draft } from '../../events/registry.ts';
import type { WorkDoc } from '../../projections/work/work-document.ts';
import type { Config } from '../config.ts';
import type { EffectOf } from '../define.ts';
import type { Clock } from '../floor/clock.ts';
import type { keyedLock } from '../floor/keyed-lock.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import type { OpenTalk } from '../work/granted-talks.ts';
import type { Members } from './issues/members.ts';

export type WorkDeps = {
  readonly config: Pick<Config, 'patcher' | 'publicUrl' | 'orchestrator'>;
  readonly version: string;
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly workspaces: Workspaces;
  readonly bottles: Pick<BottleStore, 'get'>;
  readonly vault: Vault;
  readonly logger: Log;
  readonly clock: Clock;
  readonly openTalk: OpenTalk;
  readonly members: Members;
  /** Of one work, one thing is done at a time. */
  readonly withLock: ReturnType<typeof keyedLock>;
  /** What people were told last of a work, by its id: the same is not sent again. */
  readonly told: Map<string, string>;
};

/** In whose name something is done. */
export type Doing = { readonly effect: EffectOf; readonly deps: WorkDeps };
/** One work at the moment when something is done about it. */
export type Step = Doing & { readonly work: WorkDoc };

const lag = 10_000;

/**
 * Appends a fact about a work under the sequence that its subject is known to have; it is in the read model then. False when the
 * subject has moved on: somebody else did the same step, or this is a repetition of it.
 */
export async function record(draft: Draft, expect: number, { effect, deps }: Doing): Promise<boolean> {
  const cause = effect(`${draft.type} ${draft.id} after ${expect}`);
  const { outcome, seq } = await appendOnce(deps.log, draft, { expect, cause });
  await deps.models.applied(seq, lag);
  return outcome === 'appended';
}

export const workNow = (id: string, { models }: Pick<WorkDeps, 'models'>): WorkDoc | null =>
  models.query().works.find(id)?.doc ?? null;

export const idOf = ({ id, project }: WorkDoc) => ({ work_id: id, project });

export const farmOf = ({ version, config }: WorkDeps) => ({ version, url: config.publicUrl });

/** What it takes to end a round in the name of this event. */
export const endDeps = ({ effect, deps: { log, models } }: Doing) => ({ log, models, causeOf: effect });
