import type { RecipeName } from '../../../events/fields.ts';
import type { JobEnqueuedData, Priority } from '../../../events/jobs/job.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { confinementOf } from '../../projects/rules/confinement-fields.ts';
import { cleanPath, isBranchName } from '../../projects/rules/project-document.ts';

/** What someone asks to be run. Without a subproject: every one that has the recipe. */
export type JobRequest = {
  readonly recipe: RecipeName;
  readonly subproject?: string;
  readonly branch?: string;
  readonly sha?: string;
  readonly priority?: Priority;
};

/** The jobs that a request makes, each with its whole recipe. Throws AppError that says what the project has instead. */
export function enqueueJobs(
  project: ProjectDocument,
  request: JobRequest,
  { by, newId }: { by: string; newId: (path: string) => string },
): JobEnqueuedData[] {
  if (!project.enabled)
    throw new AppError('conflict', `The project ${project.name} is not enabled.`, { name: 'project_disabled' });
  const branch = (request.branch ?? project.default_branch).replace(/^refs\/heads\//, '');
  const sha = request.sha?.toLowerCase() ?? null;
  const isWhole = sha === null || sha.length >= 40;
  if (!isBranchName(branch)) throw bodyFault('branch', 'is not a name that git takes for a branch');
  const { recipe } = request;
  return chosen(project, request).map((subproject) => ({
    job_id: newId(subproject.path),
    project: project.name,
    owner: project.owner,
    subproject: subproject.path,
    recipe,
    command: subproject[recipe] ?? '',
    language: subproject.language,
    timeout_secs: subproject.timeout_secs,
    env: subproject.env ?? {},
    branch,
    sha: isWhole ? sha : null,
    ...(isWhole ? {} : { short_sha: sha }),
    priority: request.priority ?? 'normal',
    purpose: 'requested',
    requested_by: by,
    credential_ref: project.credential_ref,
    concurrency: project.concurrency,
    supersede: project.supersede,
    retry_lost: project.retry_lost,
    rerun_of: null,
    snapshot: {
      project: project.name,
      git_url: project.git_url,
      default_branch: project.default_branch,
      subproject,
      ...(project.recipes_commit ? { recipes_commit: project.recipes_commit } : {}),
      ...confinementOf(project),
    },
  }));
}

function chosen({ name, subprojects }: ProjectDocument, { recipe, subproject: path }: JobRequest) {
  const having = subprojects.filter((one) => one[recipe] !== undefined);
  if (path === undefined) {
    const on = having.filter(({ enabled }) => enabled !== false);
    if (on.length === 0) throw bodyFault('recipe', `no subproject of ${name} has a ${recipe} recipe`);
    return on;
  }
  const wanted = cleanPath(path);
  const found = subprojects.find((one) => one.path === wanted);
  if (!found)
    throw bodyFault(
      'subproject',
      `${name} has no subproject ${JSON.stringify(path)}; it has ${list(subprojects.map((one) => one.path))}`,
    );
  if (found[recipe] === undefined)
    throw bodyFault(
      'recipe',
      `${JSON.stringify(path)} has no ${recipe} recipe; ${list(having.map((one) => one.path))} has one`,
    );
  return [found];
}

function list(paths: readonly string[]): string {
  if (paths.length === 0) return 'none';
  return (
    paths
      .slice(0, 20)
      .map((path) => JSON.stringify(path))
      .join(', ') + (paths.length > 20 ? ', …' : '')
  );
}
