import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { printableLines } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import type { Column } from './fit-table.ts';
import { printFields } from './print-fields.ts';

/** A work as the API answers it. */
export type ShownWork = WorkDoc & { readonly waits_for?: string };

/** Works as they are listed. */
export const workColumns: readonly Column<ShownWork>[] = [
  { head: 'work', of: ({ id }) => id },
  { head: 'issue', of: ({ issue, title }) => `#${issue} ${title}`, shrinksTo: 16 },
  { head: 'agent', of: ({ agent }) => agent, shrinksTo: 8 },
  {
    head: 'state',
    of: ({ state, outcome, waits_for: waits }) => (state === 'ended' ? outcome : waits ? 'waits for a place' : state),
  },
  { head: 'turn', of: ({ turn }) => turn, isExtra: true },
  { head: 'pull request', of: ({ pull }) => pull?.url, shrinksTo: 12 },
  { head: 'budget', of: ({ budget_tokens: budget }) => (budget === null ? null : `${budget} tokens`) },
];

/** Everything that people ask about one work. */
export function showWork(cli: Cli, work: ShownWork): void {
  const { run, failure, pull, base } = work;
  printFields(cli, [
    ['work', work.id],
    ['issue', `#${work.issue} of ${work.repository}: ${work.title}`],
    ['address', work.issue_url],
    ['state', work.outcome ? `${work.state}, ${work.outcome}` : work.state],
    ['waits for', work.waits_for],
    ['agent', `${work.agent}, to ${work.verb}`],
    ['asked for', `${work.targeted_at} by ${work.by} (${work.trigger}): ${work.because}`],
    ['round', `${work.round}, turn ${work.turn}`],
    ['base', base && `${base.branch} at ${base.sha}`],
    ['bottle', work.bottle_id],
    ['manifest', run?.manifest_digest],
    ['run', run?.ended && `${run.ended}, exit ${run.exit_code ?? '—'}`],
    ['attempt', work.patch_id],
    ['pull request', pull?.url],
    ['waits to be answered', work.pending.length + work.asked.length || null],
    ['came to nothing', failure && `${failure.step}: ${failure.reason}`],
    ['budget of a turn', work.budget_tokens && `${work.budget_tokens} tokens`],
  ]);
  const said = work.detail ?? failure?.detail ?? run?.summary;
  if (said) cli.print(`\n${printableLines(said)}`);
}
