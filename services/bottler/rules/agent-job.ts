import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { ResolvedManifest } from '../../../events/jobs/agent-manifest.ts';
import type { AgentRunRequestedData } from '../../../events/jobs/bottle.ts';
import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import type { ProjectDocument, Subproject } from '../../../events/projects/project.ts';
import { providers } from '../../bottles/rules/providers/registry.ts';
import { enqueueJobs } from '../../jobs/rules/enqueue-jobs.ts';
import { derivedJobId } from '../../jobs/rules/job-id.ts';

/** The job in which a bottle's agent works. */
export function agentJobId(bottleId: string): string {
  return derivedJobId('bottle job', bottleId);
}

/**
 * The job of a bottle: a recipe's own, so that it finds the same toolchains and kept installs, with the agent's program in the place of
 * the command. Throws AppError('conflict') for a project that is not enabled. A sentence where no subproject fits.
 */
export function agentJob(
  asked: AgentRunRequestedData,
  project: ProjectDocument,
  manifest: ResolvedManifest,
): JobEnqueuedData | string {
  const subproject =
    project.subprojects.find(({ path }) => path === (asked.subproject ?? '.')) ?? project.subprojects[0];
  if (asked.subproject !== null && subproject?.path !== asked.subproject)
    return `${project.name} has no subproject ${JSON.stringify(asked.subproject)}.`;
  const recipe = subproject && strongestRecipe(subproject);
  if (subproject === undefined || recipe === undefined) return `${project.name} has no subproject with a recipe.`;
  const { ref } = asked.work;
  const request = { recipe, subproject: subproject.path, ...(ref ? { sha: ref } : {}) };
  const id = agentJobId(asked.bottle_id);
  const [job] = enqueueJobs(project, request, { by: asked.requested_by, newId: () => id });
  if (job === undefined) return `${project.name} has no subproject with a recipe.`;
  const needs = [...new Set([...(subproject.needs ?? []), ...manifest.needs])].slice(0, 16);
  const provider = providers[manifest.provider];
  const resumes = asked.session !== null;
  return {
    ...job,
    command: provider.command({ program: manifest.program, model: manifest.model, resumes }).slice(0, 8192),
    timeout_secs: manifest.time_limit_secs,
    purpose: 'agent',
    supersede: false,
    retry_lost: true,
    bottle: { bottle_id: asked.bottle_id, manifest, session: asked.session },
    snapshot: { ...job.snapshot, subproject: { ...subproject, ...(needs.length > 0 ? { needs } : {}) } },
  };
}

const byStrength: readonly RecipeName[] = ['test', 'build', 'lint', 'audit'];

function strongestRecipe(subproject: Subproject): RecipeName | undefined {
  return byStrength.find((name) => recipeNames.includes(name) && subproject[name] !== undefined);
}
