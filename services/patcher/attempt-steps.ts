import type { PatchCost, PatchFailure } from '../../events/patches/patch.ts';
import type { PatchMethod } from '../../events/projects/project.ts';
import type { Draft, Recorded } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { Config } from '../config.ts';
import type { EffectOf } from '../define.ts';
import type { Egress } from '../egress/open-egress.ts';
import { AppError } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { findForge } from '../floor/forges/choose-forge.ts';
import type { keyedLock } from '../floor/keyed-lock.ts';
import type { Agent } from '../io/agent/agent.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import { farmToken } from '../io/forge/farm-token.ts';
import type { Forge } from '../io/forge/forge.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantOf } from '../projects/forge-access.ts';
import type { SecretScan } from './gate/scan-secrets.ts';
import { failureOf, nextTurn, type TurnFailed } from './rules/drafting/next-turn.ts';
import { costOfTurn, noCost, sumOfCosts } from './rules/drafting/turn-cost.ts';
import type { Judge } from './rules/policy/define.ts';

export type PatcherDeps = {
  readonly config: Pick<Config, 'patcher' | 'publicUrl'>;
  readonly version: string;
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly models: ReadModels;
  readonly workspaces: Workspaces;
  readonly vault: Vault;
  readonly logger: Log;
  readonly clock: Clock;
  readonly agent: Agent | null;
  /** The book of what agents take. */
  readonly egress?: Pick<Egress, 'ledger' | 'prices'>;
  /** What bottles left. */
  readonly bottles: Pick<BottleStore, 'get'>;
  /** Of one attempt, one thing is done at a time. */
  readonly withLock: ReturnType<typeof keyedLock>;
  /** What looks for secrets beside our own rules; absent: nothing. */
  readonly secrets?: SecretScan;
  /** What the policy has against a patch; absent: it is judged in a process of its own. */
  readonly judge?: Judge;
  /** The forge of an attempt, with the farm's token; null without a grant. */
  readonly openForge: (patch: Pick<PatchDoc, 'project' | 'forge' | 'repository'>) => Forge | null;
};

/** One attempt at the moment when something is done about it, and in whose name. */
export type Step = { readonly patch: PatchDoc; readonly effect: EffectOf; readonly deps: PatcherDeps };

const lag = 10_000;

/** The attempt as it is once an event has been read; null when its project is gone. */
export async function attemptAt(seq: number, patchId: string, { models }: PatcherDeps): Promise<PatchDoc | null> {
  if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  return models.query().patches.find(patchId)?.doc ?? null;
}

/**
 * Appends a fact about an attempt under the sequence that its subject is known to have. False when the subject has moved
 * on: somebody else did the same step, or this is a repetition of it. What was appended is in the read model then.
 */
export async function record(draft: Draft, expect: number, { effect, deps }: Step): Promise<boolean> {
  const cause = effect(`${draft.type} ${draft.id} after ${expect}`);
  const { outcome, seq } = await appendOnce(deps.log, draft, { expect, cause });
  if (outcome === 'there') return false;
  await deps.models.applied(seq, lag);
  return true;
}

/** The sequence of the newest event of a name about an attempt, 0 for none. */
export async function lastSeq(type: Recorded['type'], { patch, deps }: Step): Promise<number> {
  return (await deps.log.last(type, patch.id))?.seq ?? 0;
}

export const idOf = ({ id, project }: PatchDoc) => ({ patch_id: id, project });

/** A try failed, and took so much: it goes back to its author or to the next method, or was the last one and ends the attempt. */
export async function fail(
  failed: TurnFailed & { turn: number; method: PatchMethod; cost?: PatchCost | null },
  step: Step,
): Promise<void> {
  const { patch } = step;
  const { turn, method, step: at, reason, detail, evidence = null, cost } = failed;
  const why = { step: at, reason, detail: detail.slice(0, 8192) };
  const own = cost ?? noCost;
  const { duration_ms } = own;
  const tries = [...patch.sent_back, { turn, method, ...why, duration_ms, cost: own }];
  // A turn ends in one way: another process may have come to a draft of it meanwhile.
  if ((await lastSeq('PatchDrafted', step)) !== patch.seqs.drafted) return;
  // What a bottle left is proposed once: whoever asked for it decides whether its agent goes on.
  if (patch.bottle === null && nextTurn(patch.methods, tries) !== null) {
    const data = { ...idOf(patch), turn, method, ...why, duration_ms, cost: own };
    await record({ type: 'PatchSentBack', id: patch.id, data }, patch.seqs.sent_back, step);
    return;
  }
  await end({ ...why, cost: sumOfCosts(tries.map(costOfTurn)) }, step, evidence);
}

const endings = {
  apply: 'PatchApplyFailed',
  policy: 'PatchRefused',
  push: 'PatchAbandoned',
  forge: 'PatchAbandoned',
  context: 'PatchAbandoned',
  draft: 'PatchDeclined',
  agent: 'PatchDeclined',
} as const;

/** Ends an attempt, and says why and what can be done. */
export async function end(
  failed: Pick<TurnFailed, 'step' | 'reason' | 'detail'> & { cost?: PatchCost },
  step: Step,
  evidence: TurnFailed['evidence'] = null,
): Promise<void> {
  const { patch } = step;
  const failure: PatchFailure = failureOf(failed, patch.methods.includes('given'));
  const cost = failed.cost ?? patch.cost ?? sumOfCosts(patch.sent_back.map(costOfTurn));
  if (failed.step === 'verify') {
    const data = { ...idOf(patch), failure, evidence: evidence ?? null, cost };
    await record({ type: 'PatchVerifyFailed', id: patch.id, data }, await lastSeq('PatchVerifyFailed', step), step);
    return;
  }
  const type = endings[failed.step];
  await record({ type, id: patch.id, data: { ...idOf(patch), failure, cost } }, await lastSeq(type, step), step);
}

/** Where the repository of an attempt is, with the project's credential or, for want of one, the forge's token where that is granted. */
export async function remoteOf(
  { project, forge }: Pick<PatchDoc, 'project' | 'forge'>,
  { models, vault, config, clock }: PatcherDeps,
): Promise<Remote> {
  const found = models.query().projects.find(project);
  if (!found) throw new AppError('not_found', `The project ${project} is gone.`);
  const { git_url: url, credential_ref } = found;
  if (credential_ref) return { url, credential: JSON.parse(await vault.get(credential_ref)) };
  const granted = grantOf(found, { config, query: models.query, clock })?.granted === true;
  const place = granted && forge !== 'none' && /^https?:/.test(url) ? findForge(url, config.patcher.forge) : null;
  const token = place && (await farmToken(place, clock)?.get());
  return token ? { url, credential: { username: 'x-access-token', password: token } } : { url };
}
