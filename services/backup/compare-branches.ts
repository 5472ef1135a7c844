import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { Repository } from './compared-repository.ts';
import type { OpenReport } from './outside-report.ts';

/**
 * Holds the branches of the patch loop against the log. `found`: what the remote has, by name. Answers the branches of
 * which the log says no pull request.
 */
export function compareBranches(
  { url, projects, attempts }: Repository,
  found: ReadonlyMap<string, string>,
  report: OpenReport,
): string[] {
  const newest = new Map(attempts.toReversed().map((one) => [one.branch, one]));
  for (const [branch, sha] of found) {
    report.count('branches');
    if (newest.has(branch)) continue;
    report.differs({
      what: 'branch',
      id: `${projects.map(({ name }) => name).join(', ')}: ${branch}`,
      expected: 'no such branch',
      found: sha,
      advice: `The log does not know it: it was pushed after the backup, or by another farm. Look at it in ${url}, and delete it if nobody needs it.`,
    });
  }
  for (const attempt of newest.values()) compareBranch(attempt, found.get(attempt.branch), report);
  return [...found.keys()].filter((branch) => (newest.get(branch)?.pr_number ?? null) === null);
}

function compareBranch(attempt: PatchDoc, found: string | undefined, report: OpenReport): void {
  const { id, project, branch, commit, open, taken_over } = attempt;
  if (found === undefined) report.count('branches');
  const differs = (expected: string, advice: string) =>
    report.differs({
      what: 'branch',
      id: `${project}: ${branch}`,
      expected,
      found: found ?? 'no such branch',
      advice,
    });
  if (commit === null && found !== undefined)
    differs(
      'not pushed yet',
      `Attempt ${id} pushed it after the backup. A push of the same draft finds its own commit there; over another one nothing is pushed.`,
    );
  if (!open || commit === null || found === commit || found === taken_over) return;
  if (found === undefined)
    differs(commit, `Somebody removed it after the backup: close the pull request of attempt ${id}, or push it again.`);
  else differs(commit, `It moved after the backup. Attempt ${id} never pushes over what it did not push itself.`);
}
