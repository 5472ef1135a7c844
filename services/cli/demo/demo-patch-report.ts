import type { Evidence } from '../../../events/patches/patch.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { printable } from '../../floor/text/printable.ts';
import { plainTable } from '../print/fit-table.ts';

/** What the demo did about a finding whose tool offers an edit. */
export type DemoAttempt = {
  readonly finding: Pick<FindingDoc, 'id' | 'tool' | 'code' | 'file' | 'line' | 'message'>;
  readonly patch: PatchDoc & { readonly diff: string | null };
};

/** `left_out` says why nothing was tried; null when something was. `remote` is where a branch was pushed. */
export type DemoPatches = {
  readonly attempts: readonly DemoAttempt[];
  readonly remote: string | null;
  readonly left_out: string | null;
};

const shownLines = 60;

/** The patches as a person reads them in a terminal of this width. */
export function patchReport({ attempts, remote, left_out }: DemoPatches, width: number): string {
  if (left_out !== null) return `Nothing was mended: ${left_out}`;
  return ['What was mended', ...attempts.map((attempt) => attemptReport(attempt, remote, width))].join('\n');
}

function attemptReport({ finding, patch }: DemoAttempt, remote: string | null, width: number): string {
  const what = `${printable(finding.tool)} ${placeAndRule(finding)}: ${printable(finding.message.split('\n')[0] ?? '')}`;
  if (patch.commit === null) return [cut(what, width), `  not proposed: ${whyNot(patch, width)}`, ''].join('\n');
  const { branch, commit, base, evidence } = patch;
  return [
    cut(what, width),
    `  proven, and pushed to ${remote ?? 'its remote'} as`,
    `  ${branch} (commit ${commit.slice(0, 10)} on ${base.sha.slice(0, 10)})`,
    '',
    ...diffLines(patch.diff ?? '', width),
    '',
    ...(evidence ? [evidenceTable(evidence), '', `Both times: ${cut(printable(evidence.command), width - 12)}`] : []),
  ].join('\n');
}

/** Where a finding is and which rule it breaks, in a few words. */
export function placeAndRule({ file, line, code }: Pick<FindingDoc, 'file' | 'line' | 'code'>): string {
  return printable(`${file ?? ''}${line ? `:${line}` : ''} ${code ?? ''}`.trim());
}

/** Why an attempt came to nothing, or how far it has come. */
export function whyNot({ failure, status }: PatchDoc, width: number): string {
  if (failure === null) return `it is ${status} yet`;
  return cut(printable(failure.detail.split('\n')[0] || failure.reason), Math.max(40, width - 18));
}

function diffLines(diff: string, width: number): string[] {
  const lines = diff.trimEnd().split('\n');
  const shown = lines.slice(0, shownLines).map((line) => cut(`  ${printable(line.replaceAll('\t', '    '))}`, width));
  return lines.length > shownLines ? [...shown, `  … and ${lines.length - shownLines} lines more`] : shown;
}

function evidenceTable(evidence: Evidence): string {
  const { tests_before: testsBefore, tests_after: testsAfter, targets, appeared } = evidence;
  const left = targets.filter(({ gone }) => !gone).length;
  const rows = [
    ['job', evidence.before_job, evidence.after_job],
    ['exit code', String(evidence.exit_before ?? '-'), String(evidence.exit_after ?? '-')],
    ['findings', String(evidence.identities_before), String(evidence.identities_after)],
    ['of these, to be mended', String(targets.length), String(left)],
    ['of these, new', '-', String(appeared.length)],
    ...(testsBefore ? [['tests passed', String(testsBefore.passed), String(testsAfter?.passed ?? '-')]] : []),
    ['duration', seconds(evidence.duration_before_ms), seconds(evidence.duration_after_ms)],
  ];
  return plainTable(['evidence', 'before', 'after'], rows, [24, 28, 28]);
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1000).toFixed(1)} s`;
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(1, width - 1))}…` : text;
}
