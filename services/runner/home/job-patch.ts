import { draftReport, type JobEnqueuedData } from '../../../events/jobs/job.ts';
import { AppError } from '../../floor/app-error.ts';
import type { EventLog } from '../../io/event-log.ts';
import type { Checkout } from '../../io/git/trees/checkout.ts';
import type { Report } from '../../io/log-stream.ts';
import { isOnDraft, partFor } from '../../patcher/rules/proof/draft-part.ts';

/** The diff under which a job runs: that of the draft which it is to prove, or of it what the job names. */
export async function diffOf({ patch }: JobEnqueuedData, log: EventLog): Promise<string | undefined> {
  if (patch === undefined || !isOnDraft(patch)) return undefined;
  const drafted = await log.at(patch.drafted_seq);
  if (drafted?.type === 'PatchDrafted' && drafted.data.patch_id === patch.patch_id)
    return partFor(patch, drafted.data.diff);
  throw new AppError('invalid', `There is no draft of patch ${patch.patch_id} at sequence ${patch.drafted_seq}.`);
}

/** What a job that makes a draft has changed in its tree, as a report. */
export async function draftOf({ patch }: JobEnqueuedData, checkout: Checkout): Promise<Report[]> {
  if (patch?.stage !== 'draft') return [];
  return [{ name: draftReport, bytes: Buffer.from(await checkout.changes()) }];
}
