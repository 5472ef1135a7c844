import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../floor/app-error.ts';
import type { ShownPatch } from '../print/patch-table.ts';
import type { ApiClient } from './api-client.ts';
import { pathWith } from './api-list.ts';

/** Seconds that one request waits: what lies between may cut a longer one. */
const longestRequestSecs = 30;

const ongoing = new Set(['requested', 'drafted', 'verifying']);
const good = new Set(['pushed', 'pr_opened', 'merged']);

export type Drafting = { readonly findingId: number | undefined; readonly waitSecs: number };

/** Asks for a patch of a job, and waits for its outcome as long as it is told to. Throws AppError('timeout') after that. */
export async function draftPatchOf(
  api: ApiClient,
  job: string,
  { findingId, waitSecs }: Drafting,
): Promise<{ attempt: ShownPatch | null; reason?: string }> {
  const deadline = performance.now() + waitSecs * 1000;
  const path = pathWith(`/jobs/${encodeURIComponent(job)}/patches`, {
    wait: waitSecs > 0 ? Math.min(waitSecs, longestRequestSecs) : undefined,
  });
  const body = findingId === undefined ? {} : { finding_id: findingId };
  let answer = await api.post<{ attempt: ShownPatch | null; reason?: string }>(path, body);
  while (waitSecs > 0 && answer.attempt !== null && isOngoing(answer.attempt)) {
    if (performance.now() > deadline)
      throw new AppError(
        'timeout',
        `The attempt ${answer.attempt.id} is still ${answer.attempt.status} after ${waitSecs} s: crafting-table patches show ${answer.attempt.id}.`,
      );
    await pause(1_000);
    answer = await api.get(`/patches/${encodeURIComponent(answer.attempt.id)}`);
  }
  return answer;
}

/** A branch that was pushed becomes a pull request, where there is a forge. */
function isOngoing({ status, forge }: ShownPatch): boolean {
  return ongoing.has(status) || (status === 'pushed' && forge !== 'none');
}

/** Whether what was asked for came about, so far as it was waited for. */
export function isDrafted({ status }: ShownPatch): boolean {
  return good.has(status) || ongoing.has(status);
}
