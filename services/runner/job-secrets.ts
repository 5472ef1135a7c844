import type { EventData } from '../../events/registry.ts';
import { secretId } from '../../events/secret.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { isMaskable } from '../floor/redactor.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Vault } from '../io/vault.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { isLetIn, namedSecrets, placesOf, refusalOf } from '../jobs/rules/secret-rules.ts';

export type SecretDeps = {
  readonly log: Pick<EventLog, 'last'>;
  readonly vault: Pick<Vault, 'get'>;
  readonly workspaces: Pick<Workspaces, 'branchTip' | 'isAncestor'>;
};

/** `notes` are said in the job's log. */
export type JobSecrets = { readonly values: Readonly<Record<string, string>>; readonly notes: readonly string[] };

const none: JobSecrets = { values: {}, notes: [] };

/**
 * The secrets that a job's recipe names, as they are now: a value that was renewed while the job waited is the one it gets. They are
 * read from the log, so that a runner without read models has them too.
 */
export async function jobSecrets({ data }: OpenJob, remote: Remote | AppError, deps: SecretDeps): Promise<JobSecrets> {
  const names = namedSecrets(data.snapshot.subproject, data.recipe);
  if (names.length === 0 || remote instanceof AppError) return none;
  const refusal = refusalOf(data) ?? (await strayCommit(data, remote, deps));
  if (refusal !== null) return { values: {}, notes: [refusal] };
  const registered = await deps.log.last('ProjectRegistered', data.project);
  const values: Record<string, string> = {};
  const notes: string[] = [];
  for (const name of names) {
    const found = await nearest(name, { job: data, since: registered?.seq ?? 0 }, deps);
    if (!found) notes.push(`the secret ${name} is not set for this project, its team or the farm`);
    else if (!isLetIn(found.branches, data))
      notes.push(`the secret ${name} is left out: it is not let into jobs of the branch ${data.branch}`);
    else {
      const value = await secretValue(name, found, { job: data, since: registered?.seq ?? 0 }, deps);
      values[name] = value;
      if (!isMaskable(value))
        notes.push(`${name} is too short to be kept out of this log: it has fewer than six characters`);
    }
  }
  return { values, notes };
}

type Job = OpenJob['data'];
type Looking = { readonly job: Job; readonly since: number };

/** A value that is renewed in this very moment is erased before its name is looked up again. */
async function secretValue(
  name: string,
  found: EventData<'SecretSet'>,
  looking: Looking,
  deps: SecretDeps,
): Promise<string> {
  try {
    return await deps.vault.get(found.value_ref);
  } catch (error) {
    const again = isAppError(error, 'not_found') ? await nearest(name, looking, deps) : null;
    if (!again || again.value_ref === found.value_ref) throw error;
    return deps.vault.get(again.value_ref);
  }
}

/** The value of the nearest layer. What was set for a project of this name before it was registered anew is not its own. */
async function nearest(
  name: string,
  { job, since }: Looking,
  { log }: SecretDeps,
): Promise<EventData<'SecretSet'> | null> {
  for (const place of placesOf(job, name)) {
    const id = secretId(place);
    const [set, removed] = await Promise.all([log.last('SecretSet', id), log.last('SecretRemoved', id)]);
    if (!set || (removed && removed.seq > set.seq) || (place.layer === 'project' && set.seq < since)) continue;
    const { teams } = set.data;
    if (teams === null || teams.includes(job.owner)) return set.data;
  }
  return null;
}

/** Whoever asks for a commit may name any that the remote has, and any branch with it: it has to be of that branch. */
async function strayCommit({ sha, branch }: Job, remote: Remote, { workspaces }: SecretDeps): Promise<string | null> {
  if (sha === null) return null;
  try {
    const tip = await workspaces.branchTip(remote, branch);
    if (tip !== null && (tip === sha || (await workspaces.isAncestor(remote, sha, tip)))) return null;
    return `secrets are left out: the commit ${sha.slice(0, 12)} is not of the branch ${branch}`;
  } catch (error) {
    return `secrets are left out: it could not be seen whether the commit is of the branch ${branch} (${messageOf(error)})`;
  }
}
