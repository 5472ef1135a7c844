import { countWords } from '../../rules/time-words.ts';
import { ask } from '../../state/api-call.ts';
import type { Finding } from '../../state/documents.ts';
import { say, trying } from '../../ui/toasts.ts';
import type { Suppression } from './suppress-dialog.ts';

/** Which findings are meant: these, or all that match what the page is narrowed to. */
export type Meant = { readonly ids: readonly number[] } | { readonly filter: Readonly<Record<string, unknown>> };

type Done = { readonly batch: string | null; readonly matched: number; readonly changed: number };

/** Silences findings by one request, and offers to take all of it back by another. */
export async function suppress(meant: Meant, { reason, until }: Suppression, after: () => void): Promise<void> {
  await bulk({ action: 'suppress', ...meant, reason, ...(until ? { until } : {}) }, 'Suppressed', after);
}

export async function unsuppress(meant: Meant, after: () => void): Promise<void> {
  await bulk({ action: 'unsuppress', ...meant }, 'Counted again:', after);
}

/** How many findings a request about all that match would change. */
export async function howMany(filter: Readonly<Record<string, unknown>>): Promise<number> {
  const { changed } = await ask<Done>('POST', '/findings/bulk', {
    action: 'suppress',
    filter,
    reason: 'preview',
    dry_run: true,
  });
  return changed;
}

async function bulk(body: Readonly<Record<string, unknown>>, says: string, after: () => void): Promise<void> {
  await trying(async () => {
    const { batch, changed } = await ask<Done>('POST', '/findings/bulk', body);
    const undo = async () => {
      await trying(async () => {
        await ask('POST', `/findings/bulk/${encodeURIComponent(batch ?? '')}/undo`);
        say('As it was');
      });
      after();
    };
    say(`${says} ${countWords(changed, 'finding')}`, batch === null ? {} : { undo: () => void undo() });
  });
  after();
}

/** Whether a patch of a finding can be asked for, and why not; null of the past. */
export type Patching = {
  readonly actionable: boolean;
  readonly methods: readonly string[];
  readonly reason: string | null;
  readonly detail: string | null;
};

/** Why no patch can be asked for; null where one can, or where it is not known yet. */
export const whyNoPatch = (patching: Patching | null | undefined): string | null =>
  patching && !patching.actionable ? (patching.detail ?? 'The farm did not say why.') : null;

/** Asks for a patch of one finding; says why there is none. */
export async function draftPatch(finding: Finding, open: (id: string) => void): Promise<void> {
  await trying(async () => {
    const { attempt, reason } = await ask<{ attempt: { id: string } | null; reason?: string }>(
      'POST',
      `/jobs/${encodeURIComponent(finding.last_seen_job)}/patches`,
      { finding_id: finding.id },
    );
    if (attempt) open(attempt.id);
    else say('No patch was begun', { detail: reason ?? 'The farm did not say why.' });
  });
}
