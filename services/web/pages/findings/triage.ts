import { countWords } from '../../rules/time-words.ts';
import { ask } from '../../state/api-call.ts';
import type { Finding } from '../../state/documents.ts';
import { say, trying } from '../../ui/toasts.ts';
import type { Suppression } from './suppress-dialog.ts';

/** Silences findings, and offers to take all of it back. */
export async function suppress(
  findings: readonly Finding[],
  { reason, until }: Suppression,
  after: () => void,
): Promise<void> {
  await trying(async () => {
    await inTurn(findings, (one) =>
      ask('POST', `/findings/${one.id}/suppress`, { reason, ...(until ? { until } : {}) }),
    );
    say(`Suppressed ${countWords(findings.length, 'finding')}`, { undo: () => void unsuppress(findings, after) });
  });
  after();
}

export async function unsuppress(findings: readonly Finding[], after: () => void): Promise<void> {
  await trying(async () => {
    await inTurn(findings, (one) => ask('POST', `/findings/${one.id}/unsuppress`));
    say(`${countWords(findings.length, 'finding is', 'findings are')} counted again`);
  });
  after();
}

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

async function inTurn(findings: readonly Finding[], work: (one: Finding) => Promise<unknown>): Promise<void> {
  for (const finding of findings) await work(finding);
}
