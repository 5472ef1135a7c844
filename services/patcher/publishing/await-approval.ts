import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { EffectOf } from '../../define.ts';
import { messageOf } from '../../floor/app-error.ts';
import { idOf, lastSeq, type PatcherDeps, record, type Step } from '../attempt-steps.ts';
import { isHeld, unlessRefused } from '../hold-project.ts';
import { failureOf } from '../rules/drafting/next-turn.ts';
import { hoursToWait } from './ask-approval.ts';
import { pushPatch } from './publish-patch.ts';

const everyMs = 60_000;

/** Ends what nobody answered in time, and pushes what needs no answer any more. Looks every minute. Answers how to stop. */
export function watchApprovals(deps: PatcherDeps): { stop(): Promise<void> } {
  return deps.clock.every(everyMs, () =>
    settleApprovals(deps).catch((error) =>
      deps.logger.warn({ error: messageOf(error) }, 'approvals could not be looked at'),
    ),
  );
}

/** Looks once at every attempt that waits for a person. */
export async function settleApprovals(deps: PatcherDeps): Promise<void> {
  const { patches } = deps.models.query();
  if (patches.paused() !== null) return;
  for (const { id } of patches.allOpen().filter(isWaiting)) {
    const effect: EffectOf = (ordinal) => ({
      ...{ eventId: id, correlationId: id, consumer: 'patcher-approvals', ordinal: `${ordinal}` },
    });
    await deps.withLock(id, async () => {
      const patch = deps.models.query().patches.find(id)?.doc;
      if (patch && isWaiting(patch) && !isHeld(patch.project, deps))
        await unlessRefused({ project: patch.project, effect, deps }, () => settle({ patch, effect, deps }));
    });
  }
}

const isWaiting = ({ status, approval }: PatchDoc) => status === 'awaiting_approval' && approval?.by === null;

async function settle(step: Step): Promise<void> {
  const { patch, deps } = step;
  const { approval } = patch;
  if (approval === null) return;
  if (hoursToWait(step) === null) return pushPatch(step);
  if (Date.parse(approval.expires_at) > deps.clock.now()) return;
  const detail = `Nobody approved the diff ${approval.digest} by ${approval.expires_at}.`;
  const failure = failureOf({ step: 'push', reason: 'approval_expired', detail });
  const data = { ...idOf(patch), digest: approval.digest, failure };
  await record({ type: 'PatchApprovalExpired', id: patch.id, data }, await lastSeq('PatchApprovalExpired', step), step);
}
