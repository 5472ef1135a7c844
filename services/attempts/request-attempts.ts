import type { PatchRequestedData } from '../../events/patches/patch.ts';
import { patchMethods } from '../../events/projects/project.ts';
import type { Draft } from '../../events/registry.ts';
import type { FindingDoc } from '../../projections/findings/findings.ts';
import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import { AppError } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { chooseForge, type ForgeChoice } from '../floor/forges/choose-forge.ts';
import {
  type Choice,
  choosePatches,
  judgeCandidate,
  type PatchPlan,
} from '../patcher/rules/drafting/choose-patches.ts';
import type { Queries } from '../projector/read-models.ts';
import { grantOf } from '../projects/forge-access.ts';

export type AttemptChoiceDeps = {
  readonly config: Pick<Config, 'patcher'>;
  readonly query: () => Queries;
  readonly clock: Pick<Clock, 'now'>;
};

/** What the patch loop may do for a project, as it is configured here. */
export function planOf({ patch = { assignees_ref: null } }: ProjectDoc, { config }: AttemptChoiceDeps): PatchPlan {
  const { missingForAgent, maxAttempts } = config.patcher;
  const agent =
    missingForAgent.length === 0 ||
    `Only an agent could mend it, and none is configured: ${missingForAgent.join(', ')} (or CRAFTING_AGENT_COMMAND) missing.`;
  return {
    kinds: patch.kinds ?? ['lint', 'cve'],
    methods: patch.methods ?? patchMethods,
    group: patch.group ?? false,
    available: new Map([
      ['tool_edit', true],
      ['bump', true],
      ['agent', agent],
      ['bottle', patch.agent !== undefined || 'The project names no manifest for its findings (patch.agent).'],
    ]),
    maxAttempts,
  };
}

const onlyProving =
  'Until an administrator sets a forge up, a diff can be proven, not proposed: POST /projects/{name}/verify-patch without open_pull_request.';

/**
 * Where proposals of a project go. Throws AppError('conflict') that names what is not configured, ('forbidden') `no_grant` when
 * the farm's token may not be used there.
 */
export function forgeOf(project: ProjectDoc, { config, query, clock }: AttemptChoiceDeps): ForgeChoice {
  const { name, git_url } = project;
  const { forge, missing } = config.patcher;
  if (forge.none) return { kind: 'none', repository: null };
  if (missing.length > 0)
    throw new AppError('conflict', `The patch loop is not configured: ${missing.join(', ')} missing. ${onlyProving}`, {
      name: 'patcher_disabled',
    });
  const choice = chooseForge(git_url, forge);
  if (choice.kind === 'none')
    throw new AppError(
      'conflict',
      `The git_url of ${name} belongs to no forge that is configured here (CRAFTING_GITEA_URL, CRAFTING_GITHUB_TOKEN); CRAFTING_PATCHER_FORGE=none pushes branches only. ${onlyProving}`,
      { name: 'no_forge' },
    );
  const grant = grantOf(project, { config, query, clock });
  if (grant && !grant.granted) throw new AppError('forbidden', grant.reason, { name: 'no_grant' });
  return choice;
}

/** The findings that a job saw, as they stand now. */
export function findingsOf(jobId: string, { query }: AttemptChoiceDeps): FindingDoc[] {
  const { findings, occurrences } = query();
  const ids = new Set<number>();
  for (let after = -1; ; ) {
    const page = occurrences.page(jobId, after, 500);
    for (const { doc } of page) if (doc.finding_id > 0) ids.add(doc.finding_id);
    const last = page.at(-1);
    if (!last || page.length < 500) break;
    after = last.ordinal;
  }
  return [...ids].flatMap((id) => findings.find(id) ?? []);
}

/** The proposals to make of a job's findings, best first. */
export function choicesOf(findings: readonly FindingDoc[], project: ProjectDoc, deps: AttemptChoiceDeps): Choice[] {
  const { patches } = deps.query();
  const known = new Map(findings.map((finding) => [finding.identity, finding]));
  return choosePatches(findings, planOf(project, deps), (identity) => {
    const finding = known.get(identity);
    return finding ? standingOf(finding, deps) : patches.standing(identity);
  });
}

/** What a finding has been through. That it was merged counts until a run that began later sees it again. */
export function standingOf({ identity, last_seen_run }: FindingDoc, { query }: AttemptChoiceDeps) {
  const standing = query().patches.standing(identity);
  return { ...standing, isMerged: standing.merged !== null && last_seen_run < standing.merged.seqs.pr };
}

/** Why nothing can be proposed for one finding, or null. `unavailable`: a method would do, were it configured here. */
export function objectionTo(finding: FindingDoc, project: ProjectDoc, deps: AttemptChoiceDeps) {
  const plan = planOf(project, deps);
  const verdict = judgeCandidate(finding, plan, standingOf(finding, deps));
  if (verdict.actionable) return null;
  const lacks = plan.methods.some((method) => plan.available.get(method) !== true);
  return { ...verdict, code: verdict.reason === 'no_method' && lacks ? 'unavailable' : 'conflict' } as const;
}

/** The run that last saw a finding on the default branch: what a patch begins from and is compared with. */
export function baseOf(findingId: number, { query }: AttemptChoiceDeps): { job: JobDoc; sha: string } | null {
  const { findings, jobs } = query();
  const found = jobs.find(findings.find(findingId)?.last_seen_job ?? '');
  const job = found && (JSON.parse(found.doc) as JobDoc);
  return job?.sha ? { job, sha: job.sha } : null;
}

type Asked = {
  readonly project: ProjectDoc;
  readonly by: string;
  /** The diff that somebody brought; without one a method drafts it. */
  readonly given?: NonNullable<PatchRequestedData['given']>;
};

/** What is only proven goes to no forge. */
const nowhere: ForgeChoice = { kind: 'none', repository: null };

/** The event that begins an attempt; null when the run that saw the finding is not known any more. */
export function requestOf(
  { lead, members, methods }: Choice,
  { project, by, given }: Asked,
  deps: AttemptChoiceDeps,
): Draft<'PatchRequested'> | null {
  const { findings, patches } = deps.query();
  const base = baseOf(lead.id, deps);
  if (!base) return null;
  const { kind, repository } = given?.publish === false ? nowhere : forgeOf(project, deps);
  const number = patches.numberedOf(lead.id) + 1;
  const patch_id = `${lead.id}-${number}`;
  const together = members.filter(({ id }) => findings.find(id)?.last_seen_job === base.job.job_id).slice(0, 500);
  return {
    type: 'PatchRequested',
    id: patch_id,
    data: {
      patch_id,
      project: project.name,
      owner: project.owner,
      finding_id: lead.id,
      identity: lead.identity,
      attempt_number: number,
      members: together.map(({ id, identity }) => ({ finding_id: id, identity })),
      job_id: base.job.job_id,
      subproject: base.job.subproject,
      recipe: base.job.recipe as 'lint',
      base: { branch: project.default_branch, sha: base.sha },
      methods,
      by,
      branch: `${deps.config.patcher.branchPrefix}${base.job.job_id}-${lead.id}`,
      forge: kind,
      repository,
      ...(given ? { given } : {}),
    },
  };
}
