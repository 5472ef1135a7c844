import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { EffectOf } from '../../define.ts';
import { isAppError, messageOf } from '../../floor/app-error.ts';
import type { Forge } from '../../io/forge/forge.ts';
import type { PatcherDeps } from '../attempt-steps.ts';
import { isHeld, unlessRefused } from '../hold-project.ts';
import { changedOf, roundFrom } from '../rules/pull-request/changed-pulls.ts';
import { removeBranchOf } from './remove-branch.ts';
import { lookAt } from './watch-pulls.ts';

/** How long after a refusal it is noticed, without a webhook, that people have thought again; its branch is kept so long. */
const reopenedWithinMs = 14 * 86_400_000;
/** For so long after that the removal of the branch is tried. */
const removedWithinMs = 2 * 86_400_000;
/** A base that moves makes conflicts, of which no list of GitHub's tells: now and then each one is looked at. */
const everyOneAfterMs = 3_600_000;

type Repository = { readonly key: string; readonly pulls: readonly PatchDoc[] };
type Seen = { readonly etag: string | null; readonly marks: ReadonlyMap<number, string>; readonly allAt: number };

type Polling = {
  readonly deps: PatcherDeps;
  readonly seen: Map<string, Seen>;
  /** Forges that asked for patience, and until when, in ms. */
  readonly patience: Map<string, number>;
  /** The repository after which a round begins: one that is cut short goes on there. */
  last: string | null;
  stopped: boolean;
};

/**
 * Looks at pull requests now and then, for forges that do not tell: one list a repository says which of them changed. Answers
 * how to stop.
 */
export function pollPulls(deps: PatcherDeps, everySecs: number): { stop(): Promise<void> } {
  const polling: Polling = { deps, seen: new Map(), patience: new Map(), last: null, stopped: false };
  if (everySecs <= 0) return { stop: async () => {} };
  let busy = false;
  const every = deps.clock.every(everySecs * 1000, async () => {
    if (busy) return;
    busy = true;
    await poll(polling)
      .catch((error) => deps.logger.warn({ error: messageOf(error) }, 'pull requests could not be looked at'))
      .finally(() => {
        busy = false;
      });
  });
  return {
    stop: () => {
      polling.stopped = true;
      return every.stop();
    },
  };
}

/** One round over all repositories in which something is open, or was refused of late. */
async function poll(polling: Polling): Promise<void> {
  const { deps } = polling;
  const { patches } = deps.models.query();
  const since = (ms: number) => new Date(deps.clock.now() - ms).toISOString();
  const closed = patches.closedSince(since(reopenedWithinMs));
  const byKey = Map.groupBy([...patches.openPulls(), ...closed], ({ forge, repository }) => `${forge} ${repository}`);
  for (const key of polling.seen.keys()) if (!byKey.has(key)) polling.seen.delete(key);
  for (const key of roundFrom([...byKey.keys()].sort(), polling.last)) {
    if (polling.stopped) return;
    await look({ key, pulls: byKey.get(key) ?? [] }, polling);
    polling.last = key;
  }
  const [from, to] = [since(reopenedWithinMs + removedWithinMs), since(reopenedWithinMs)];
  for (const patch of patches.closedBetween(from, to)) {
    if (polling.stopped) return;
    await removeBranchOf({ patch, effect: effectOf(patch), deps }).catch((error) => waitAfter(error, patch, polling));
  }
}

/** Asks for the list of one repository, and looks at what changed in it. */
async function look({ key, pulls }: Repository, polling: Polling): Promise<void> {
  const { deps, seen, patience } = polling;
  const [first] = pulls;
  if (!first || (patience.get(placeOf(first)) ?? 0) > deps.clock.now()) return;
  // Whether a credential is taken again is tried elsewhere.
  if (isHeld(first.project, deps)) return;
  const forge = pulls.map((patch) => deps.openForge(patch)).find((one): one is Forge => one !== null);
  if (!forge) return;
  const before = seen.get(key);
  const now = deps.clock.now();
  const isFull = before === undefined || before.allAt + everyOneAfterMs <= now;
  try {
    const recent = await forge.recentPulls(isFull ? null : before.etag);
    if (recent === null) return;
    const changed = isFull ? pulls : pulls.filter(({ pr_number }) => changedOf(pr_number ?? 0, before, recent));
    const marks = new Map(recent.marks);
    let isSettled = true;
    for (const patch of changed) {
      if (polling.stopped) return;
      const pull = await deps.withLock(patch.id, () => lookAt(patch.id, { effect: effectOf(patch), deps }));
      // A forge that is still looking whether it can be merged will say so without anything having changed.
      if (pull?.state !== 'open' || pull.mergeable !== null) continue;
      marks.delete(pull.number);
      isSettled = false;
    }
    seen.set(key, { etag: isSettled ? recent.etag : null, marks, allAt: isFull ? now : before.allAt });
  } catch (error) {
    const step = { project: first.project, effect: effectOf(first), deps };
    await unlessRefused(step, async () => {
      throw error;
    }).catch(() => waitAfter(error, first, polling));
  }
}

/** A forge that asks for patience is left alone for as long as it asks; the others are looked at. */
function waitAfter(error: unknown, patch: PatchDoc, { deps, patience }: Polling): void {
  deps.logger.warn({ error: messageOf(error) }, 'a pull request could not be looked at');
  if (isAppError(error, 'rate_limited'))
    patience.set(placeOf(patch), deps.clock.now() + (error.retryAfterSecs ?? 60) * 1000);
}

const placeOf = ({ forge }: PatchDoc) => forge;

function effectOf({ id }: PatchDoc): EffectOf {
  return (ordinal) => ({ eventId: id, correlationId: id, consumer: 'patcher-poll', ordinal: `${ordinal}` });
}
