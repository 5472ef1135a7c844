import type { FindingKind, Severity } from '../../../events/finding.ts';
import type { ExitReason } from '../../../events/jobs/job.ts';
import type { FailOn } from '../../../events/projects/project.ts';

/** What a run showed of one finding. `suppressed`: somebody lives with it; `isNew`: nobody knew it before. */
export type Shown = {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly suppressed: boolean;
  readonly isNew: boolean;
};

export type RunFacts = {
  readonly recipe: string;
  /** What the subproject says; absent where it says nothing. */
  readonly failOn?: FailOn | undefined;
  readonly reason: ExitReason;
  readonly exitCode: number | null;
  readonly shown: readonly Shown[];
  /** Whether all that was seen of tools was read to its end, and the log whole. */
  readonly isWhole: boolean;
};

const grave: ReadonlySet<Severity> = new Set(['error', 'critical', 'high']);

/**
 * Whether a run passes. A crash never does: a recipe that did not end by itself, or failed for a reason that is no finding.
 * Otherwise `fail_on` of the subproject decides. Without it the exit code does, with two exceptions: what somebody
 * suppressed fails nothing, and a linter that shows only what is known does its work.
 */
export function passes({ recipe, failOn, reason, exitCode, shown, isWhole }: RunFacts): boolean {
  if (reason !== 'exited') return false;
  const counted = shown.filter(({ suppressed }) => !suppressed);
  if (exitCode !== 0 && (!isWhole || shown.length === 0 || shown.some(({ kind }) => kind === 'recipe_fail')))
    return false;
  switch (failOn) {
    case 'never':
      return true;
    case 'new':
      return !counted.some(({ isNew }) => isNew);
    case 'error':
      return !counted.some(({ severity }) => grave.has(severity));
    case undefined:
      return exitCode === 0 || !counted.some(({ isNew }) => isNew || recipe !== 'lint');
    default:
      return failOn satisfies never;
  }
}

/**
 * Whether a run came to an end of its own: a script around linters need not say of each that it did, while codes from 126
 * on are those of the shell and of signals.
 */
export function isOwnEnd(exitCode: number | null, tools: readonly { readonly complete: boolean }[]): boolean {
  return (exitCode ?? 0) < 126 || tools.every(({ complete }) => complete);
}
