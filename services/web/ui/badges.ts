import { type Drawn, html } from './html.ts';

/** How bad it is: a word and a colour, never the colour alone. */
export function SeverityBadge({ of }: { of: string }): Drawn {
  return html`<span class=${`badge severity ${of}`}>${of}</span>`;
}

const marks: Readonly<Record<string, readonly [mark: string, tone: string]>> = {
  passing: ['✓', 'good'],
  failing: ['✕', 'bad'],
  succeeded: ['✓', 'good'],
  failed: ['✕', 'bad'],
  running: ['◐', 'busy'],
  parsing: ['◑', 'busy'],
  queued: ['○', 'quiet'],
  cancelled: ['⊘', 'quiet'],
  open: ['●', 'bad'],
  resolved: ['✓', 'good'],
  suppressed: ['⊘', 'quiet'],
  not_observed: ['?', 'warn'],
  unwatched: ['⊘', 'quiet'],
  merged: ['✓', 'good'],
  pr_opened: ['⇡', 'busy'],
  pushed: ['⇡', 'busy'],
  drafted: ['✎', 'busy'],
  requested: ['○', 'quiet'],
  verifying: ['◐', 'busy'],
  proven: ['✓', 'good'],
  awaiting_approval: ['?', 'warn'],
  not_approved: ['⊘', 'quiet'],
  verify_failed: ['✕', 'bad'],
  refused: ['✕', 'bad'],
  apply_failed: ['✕', 'bad'],
  closed: ['⊘', 'quiet'],
  declined: ['⊘', 'quiet'],
  abandoned: ['⊘', 'quiet'],
  stopped: ['⊘', 'quiet'],
  done: ['✓', 'good'],
  done_unreported: ['?', 'warn'],
  cut_off: ['✕', 'bad'],
  frozen: ['⊘', 'warn'],
  killed: ['✕', 'bad'],
  targeted: ['○', 'quiet'],
  claimed: ['○', 'busy'],
  working: ['◐', 'busy'],
  ran: ['◑', 'busy'],
  proposed: ['✎', 'busy'],
  verified: ['✓', 'good'],
  in_review: ['⇡', 'busy'],
  settled: ['✓', 'good'],
  explained: ['✓', 'good'],
  never: ['·', 'quiet'],
};

const spoken: Readonly<Record<string, string>> = {
  not_observed: 'not seen lately',
  unwatched: 'no longer looked at',
  pr_opened: 'pull request open',
  verify_failed: 'proof failed',
  apply_failed: 'did not apply',
  verifying: 'being proven',
  awaiting_approval: 'waits for approval',
  not_approved: 'not approved',
  done_unreported: 'ended without a word',
  cut_off: 'cut off',
  in_review: 'in review',
  never: 'never ran',
};

/** What became of a job, finding or attempt. */
export function StatusBadge({ of }: { of: string }): Drawn {
  const [mark, tone] = marks[of] ?? ['·', 'quiet'];
  return html`<span class=${`badge status ${tone}`}><span aria-hidden="true">${mark}</span> ${statusWords(of)}</span>`;
}

export const statusWords = (of: string): string => spoken[of] ?? of.replaceAll('_', ' ');
