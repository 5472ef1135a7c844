import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError } from '../../floor/app-error.ts';
import type { PatcherDeps } from '../attempt-steps.ts';
import type { PullRequestFacts } from '../rules/pull-request/pull-request-text.ts';

/** What a pull request says of a proven attempt: all of it stands in the log, so it can be said again. */
export async function pullRequestFacts(
  patch: PatchDoc,
  { models, config, version, log, secrets }: PatcherDeps,
): Promise<PullRequestFacts> {
  const { findings, projects } = models.query();
  const { method, evidence, cost, verified_at, approval } = patch;
  if (method === null || evidence === null || cost === null || verified_at === null)
    throw new AppError('internal', `The attempt ${patch.id} is not proven.`);
  const session = method === 'agent' ? patch.sessions.at(-1) : undefined;
  const stated = await log.last('ProofStated', patch.id);
  return {
    farm: { version, url: config.publicUrl },
    patchId: patch.id,
    project: projects.nameOf(patch.project),
    subproject: patch.subproject,
    recipe: patch.recipe,
    base: patch.base,
    bottle: patch.bottle,
    findings: patch.targets.flatMap((identity) => findings.known(identity) ?? []),
    draft: { method, explanation: patch.explanation ?? '', confidence: patch.confidence, cost, files: patch.files },
    evidence,
    agent: session ? { adapter: session.adapter, model: session.model } : null,
    secretsBy: (await secrets?.scanners()) ?? null,
    approval:
      approval?.answer === 'approved' && approval.by && approval.at
        ? { by: approval.by, at: approval.at, digest: approval.digest }
        : null,
    startedAt: patch.requested_at,
    finishedAt: verified_at,
    statement: stated ? { digest: stated.data.digest, keyId: stated.data.key_id } : null,
  };
}
