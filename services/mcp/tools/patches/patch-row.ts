import type { PatchDoc } from '../../../../projections/patches/patch-document.ts';
import { inTools } from '../../answers/tool-words.ts';
import { shown } from '../../answers/untrusted-text.ts';

/** What is worth knowing of an attempt to mend something. */
export function patchRow(patch: PatchDoc): object {
  const { failure } = patch;
  return {
    id: patch.id,
    finding_id: patch.finding_id,
    job_id: patch.job_id,
    project: patch.project,
    status: patch.status,
    method: patch.method,
    branch: shown(patch.branch, 200),
    pr_url: patch.pr_url === null ? null : shown(patch.pr_url, 300),
    title: patch.title === null ? null : shown(patch.title, 200),
    // Approving is an act of people: an agent is told what waits, and where.
    waits_for_approval: patch.status === 'awaiting_approval' ? approvalOf(patch) : null,
    failure: failure && shown(`${failure.step}: ${failure.reason}: ${failure.detail}`, 300),
    next: failure && inTools(shown(failure.next, 200)),
    requested_at: patch.requested_at,
  };
}

function approvalOf({ id, approval }: PatchDoc): string {
  return `a person has to approve the diff ${approval?.digest} by ${approval?.expires_at}: crafting-table patches approve ${id}`;
}

export function patchLine({ id, status, project, title, pr_url, failure, approval }: PatchDoc): string {
  const waits = status === 'awaiting_approval' ? `until ${approval?.expires_at}` : '';
  const told = pr_url ?? (failure ? `${failure.step}: ${failure.reason}` : waits);
  return `${id}  ${status}  ${project}  ${shown(title ?? '', 200)}  ${shown(told, 300)}`;
}
