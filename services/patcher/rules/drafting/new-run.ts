import type { JobEnqueuedData } from '../../../../events/jobs/job.ts';
import type { ProjectDocument } from '../../../../events/projects/project.ts';
import { enqueueJobs } from '../../../jobs/rules/enqueue-jobs.ts';
import { derivedJobId } from '../../../jobs/rules/job-id.ts';

/** A run of the same recipe on the newest commit of the default branch, as the project stands now; null when it has none. */
export function newRunOf(
  { subproject, recipe }: JobEnqueuedData,
  project: ProjectDocument,
  { cause, patchId }: { cause: string; patchId: string },
): JobEnqueuedData | null {
  const has = project.subprojects.find(({ path }) => path === subproject)?.[recipe] !== undefined;
  if (!has) return null;
  const newId = () => derivedJobId(patchId, cause);
  return enqueueJobs(project, { recipe, subproject }, { by: 'crafting-table', newId })[0] ?? null;
}
