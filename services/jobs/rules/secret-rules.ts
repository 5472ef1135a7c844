import type { RecipeName } from '../../../events/fields.ts';
import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import { type SecretLayer, secretLayers } from '../../../events/people/secret.ts';
import type { Subproject } from '../../../events/projects/project.ts';
import { matchesStars } from '../../floor/text/star-pattern.ts';
import { unseenBy } from './plan-confinement.ts';

/** The secrets that a recipe of a subproject names. */
export function namedSecrets({ secrets = [] }: Pick<Subproject, 'secrets'>, recipe: RecipeName): readonly string[] {
  return Array.isArray(secrets) ? secrets : ((secrets as Partial<Record<RecipeName, string[]>>)[recipe] ?? []);
}

type Job = Pick<JobEnqueuedData, 'project' | 'owner' | 'recipe' | 'purpose' | 'branch' | 'snapshot'>;

/** Where the value of a secret is looked for, the nearest first. */
export function placesOf({ project, owner }: Pick<Job, 'project' | 'owner'>, name: string) {
  const whose: Readonly<Record<SecretLayer, string | null>> = { project, team: owner, farm: null };
  return secretLayers.map((layer) => ({ layer, of: whose[layer], name }));
}

/** Why no secret may go into a job at all, or null. What nobody has looked at could print them. */
export function refusalOf(job: Job): string | null {
  const unseen = unseenBy(job);
  return unseen === null ? null : `secrets are left out: ${unseen}`;
}

/** Whether a secret may go into a job of this branch: the default branch, unless its owner said others. */
export function isLetIn(branches: readonly string[] | null, { branch, snapshot }: Pick<Job, 'branch' | 'snapshot'>) {
  return (branches ?? [snapshot.default_branch]).some((pattern) =>
    branches === null ? pattern === branch : matchesStars(pattern, branch),
  );
}
