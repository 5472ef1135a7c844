import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { Forge, PullRequest } from '../io/forge/forge.ts';
import type { Repository } from './compared-repository.ts';
import type { OpenReport } from './outside-report.ts';

type PullsToCompare = {
  readonly repository: Repository;
  /** Branches at the remote of which the log says no pull request. */
  readonly unknown: readonly string[];
  readonly found: ReadonlyMap<string, string>;
  readonly forge: Forge | null;
};

/** Questions to one forge, so that its patience is left for the patch loop. */
const most = 500;

/** Holds the pull requests of a repository against the log. Throws what the forge throws. */
export async function comparePulls(pulls: PullsToCompare, report: OpenReport): Promise<void> {
  const { repository, unknown, forge } = pulls;
  // What is merged stays merged.
  const known = repository.attempts.filter(({ pr_number, status }) => pr_number !== null && status !== 'merged');
  if (forge === null) {
    for (const attempt of known)
      report.differs({
        what: 'not_compared',
        id: idOf(attempt),
        expected: stateOf(attempt),
        found: 'not asked',
        advice: 'No forge is set up for this repository: set its CRAFTING_GITEA_* or CRAFTING_GITHUB_* variables.',
      });
    return;
  }
  for (const attempt of known.slice(0, most))
    comparePull(attempt, await forge.readPull(attempt.pr_number ?? 0), report);
  for (const branch of unknown.slice(0, most)) await compareUnknown(branch, { repository, forge }, report);
}

function comparePull(attempt: PatchDoc, found: PullRequest | null, report: OpenReport): void {
  report.count('pull_requests');
  const expected = stateOf(attempt);
  if (found?.state === expected) return;
  report.differs({
    what: 'pull_request',
    id: idOf(attempt),
    expected,
    found: found?.state ?? 'no such pull request',
    advice: adviceOn(attempt, found),
  });
}

function adviceOn({ id, open }: PatchDoc, found: PullRequest | null): string {
  if (found === null) return `The forge does not have it: attempt ${id} waits for it until its finding is resolved.`;
  if (open)
    return 'People acted after the backup. The next look at the forge takes it into the log; nothing is to be done.';
  return `It was opened again after the backup. A look within 14 days of its closing takes it into the log; after that POST /patches/${id}/reconsider allows another attempt.`;
}

/** A pull request that was opened after the backup. */
async function compareUnknown(
  branch: string,
  { repository, forge }: { repository: Repository; forge: Forge },
  report: OpenReport,
): Promise<void> {
  const { attempts, projects } = repository;
  const attempt = attempts.find((one) => one.branch === branch);
  const base = attempt?.base.branch ?? projects[0]?.default_branch ?? '';
  const found = await forge.findPull(branch, base);
  report.count('pull_requests');
  if (found === null) return;
  report.differs({
    what: 'pull_request',
    id: `${forge.repository}#${found.number}`,
    expected: 'no such pull request',
    found: found.state,
    advice: attempt
      ? `Attempt ${attempt.id} opened it after the backup, and takes it as its own when it comes to that step again.`
      : `It was opened after the backup, or by another farm, from ${branch}: close it if nobody needs it.`,
  });
}

/** What the log says of a pull request. */
function stateOf({ open }: PatchDoc): PullRequest['state'] {
  return open ? 'open' : 'closed';
}

function idOf({ repository, pr_number }: PatchDoc): string {
  return `${repository}#${pr_number}`;
}
