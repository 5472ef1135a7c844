import type { RecipeName } from '../../../events/fields.ts';
import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import { enqueueJobs, type JobRequest } from '../../jobs/rules/enqueue-jobs.ts';
import { derivedJobId } from '../../jobs/rules/job-id.ts';

/** The id of a slot's event: whoever uses the slot appends under this id. */
export function slotId(project: string, recipe: RecipeName, slot: string): string {
  return `${project}.${recipe}.${slot}`;
}

/**
 * The id of a head's event; `before` is how often that commit has been the head already: a branch may be pushed back to it.
 * No name of a project holds a colon, and a branch may hold any dot.
 */
export function headId({ project, branch, sha }: { project: string; branch: string; sha: string }, before: number) {
  return `${project}:${branch}.${sha}${before === 0 ? '' : `.${before + 1}`}`;
}

/**
 * The jobs of an event with this id: the recipes in every subproject that has them. Ids follow from that of the event. A
 * commit is that of a head: the branch was seen to stand there.
 */
export function derivedJobs(
  project: ProjectDocument,
  recipes: readonly RecipeName[],
  { id, by, ...where }: { id: string; by: string } & Pick<JobRequest, 'branch' | 'sha'>,
): JobEnqueuedData[] {
  const isThere = (recipe: RecipeName) =>
    project.subprojects.some((one) => one.enabled !== false && one[recipe] !== undefined);
  return recipes
    .filter(isThere)
    .flatMap((recipe) =>
      enqueueJobs(project, { recipe, ...where }, { by, newId: (path) => derivedJobId(id, recipe, path) }).map(
        (job): JobEnqueuedData => ({ ...job, ...(where.sha ? { tip: where.sha } : {}), purpose: 'scheduled' }),
      ),
    );
}
