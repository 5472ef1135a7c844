import type { PatchApproval, PatchDoc } from '../../../projections/patches/patch-document.ts';
import { printableLines } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { secondsOf } from '../farm/follow-job.ts';
import type { Column } from './fit-table.ts';
import { paint, type Style, styleOf } from './paint.ts';
import { printFields } from './print-fields.ts';

export type ShownPatch = PatchDoc & { readonly diff?: string | null; readonly waits_for?: string };

/** Attempts as they are listed. */
export const patchColumns: readonly Column<PatchDoc>[] = [
  { head: 'patch', of: ({ id }) => id },
  { head: 'status', of: ({ status }) => status, style: styleOf },
  { head: 'project', of: ({ project }) => project, shrinksTo: 8 },
  { head: 'method', of: ({ method }) => method, isExtra: true },
  { head: 'findings', of: ({ members }) => members.length },
  { head: 'what', of: ({ title, failure, branch }) => title ?? failure?.detail ?? branch, shrinksTo: 20 },
  { head: 'pull request', of: ({ pr_url }) => pr_url, shrinksTo: 12 },
];

/** Everything that people ask about one attempt, and its diff. */
export function showPatch(cli: Cli, patch: ShownPatch): void {
  const { failure, cost, evidence, approval } = patch;
  printFields(cli, [
    ['patch', patch.id],
    ['status', patch.status],
    ['waits for', patch.waits_for],
    ['title', patch.title],
    ['project', `${patch.project}, ${patch.subproject}`],
    ['mends', `${patch.recipe}: finding ${patch.members.map(({ finding_id }) => finding_id).join(', ')}`],
    ['method', patch.method],
    ['based on', `${patch.base.branch} at ${patch.base.sha}`],
    ['branch', patch.branch],
    ['pull request', patch.pr_url],
    ['approval', approval && approvalWords(patch.id, approval)],
    ['failed at', failure && `${failure.step}: ${failure.reason}`],
    ['detail', failure?.detail],
    ['verified by', patch.verify_jobs.join(', ')],
    [
      'evidence',
      evidence && `${evidence.gone.length} gone, ${evidence.appeared.length} appeared in job ${evidence.after_job}`,
    ],
    ['cost', cost && cost.turns > 0 ? `${cost.turns} turns, ${secondsOf(cost.duration_ms)}` : null],
    ['asked for', `${patch.requested_at} by ${patch.requested_by}`],
  ]);
  if (patch.explanation) cli.print(`\n${printableLines(patch.explanation)}`);
  if (patch.diff) cli.print(`\n${colouredDiff(cli, patch.diff).trimEnd()}`);
}

function approvalWords(id: string, { digest, expires_at, by, at, reason, answer }: PatchApproval): string {
  if (by !== null) return `${answer ?? 'answered'} by ${by} at ${at}${reason === '' ? '' : `: ${reason}`}`;
  return `asked for until ${expires_at}, diff ${digest}: crafting-table patches approve ${id}`;
}

/** A diff as git colours it. Not on a terminal it stays a diff that `git apply` takes. */
export function colouredDiff(cli: Pick<Cli, 'terminal'>, diff: string): string {
  if (!cli.terminal.isTTY && !cli.terminal.colour) return diff;
  const lines = printableLines(diff).trimEnd().split('\n');
  return lines.map((line) => paint(cli, styleOfLine(line), line)).join('\n');
}

function styleOfLine(line: string): Style | null {
  if (/^(diff|index|---|\+\+\+|new file|deleted file|rename|similarity) ?/.test(line)) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : null;
}
