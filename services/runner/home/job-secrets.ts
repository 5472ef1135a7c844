import { AppError, isAppError, messageOf } from '../../floor/app-error.ts';
import { isMaskable } from '../../floor/text/redactor.ts';
import type { Remote } from '../../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../../io/git/trees/workspaces.ts';
import type { Vault } from '../../io/sealing/vault.ts';
import type { FindSecrets, FoundSecret } from '../../jobs/find-secrets.ts';
import type { OpenJob } from '../../jobs/rules/job-queue.ts';
import { isLetIn, namedSecrets, refusalOf } from '../../jobs/rules/secret-rules.ts';

type SecretDeps = {
  readonly findSecrets: FindSecrets;
  readonly vault: Pick<Vault, 'get'>;
  readonly workspaces: Pick<Workspaces, 'branchTip' | 'isAncestor'>;
};

/** `notes` are said in the job's log. */
export type JobSecrets = { readonly values: Readonly<Record<string, string>>; readonly notes: readonly string[] };

const none: JobSecrets = { values: {}, notes: [] };

/**
 * The secrets that a job's recipe names, as they are now: a value that was renewed while the job waited is the one it gets, and
 * what may not be let in is said.
 */
export async function jobSecrets({ data }: OpenJob, remote: Remote | AppError, deps: SecretDeps): Promise<JobSecrets> {
  const names = namedSecrets(data.snapshot.subproject, data.recipe);
  if (names.length === 0 || remote instanceof AppError) return none;
  const refusal = refusalOf(data) ?? (await strayCommit(data, remote, deps));
  if (refusal !== null) return { values: {}, notes: [refusal] };
  const found = await deps.findSecrets(data);
  const values: Record<string, string> = {};
  const notes: string[] = [];
  for (const name of names) {
    const one = found.find((secret) => secret.name === name);
    if (!one) notes.push(`the secret ${name} is not set for this project, its team or the farm`);
    else if (!isLetIn(one.branches, data))
      notes.push(`the secret ${name} is left out: it is not let into jobs of the branch ${data.branch}`);
    else {
      const value = await secretValue(one, data, deps);
      values[name] = value;
      if (!isMaskable(value))
        notes.push(`${name} is too short to be kept out of this log: it has fewer than six characters`);
    }
  }
  return { values, notes };
}

type Job = OpenJob['data'];

/** A value that is renewed in this very moment is erased before its name is looked up again. */
async function secretValue({ name, value_ref }: FoundSecret, job: Job, deps: SecretDeps): Promise<string> {
  try {
    return await deps.vault.get(value_ref);
  } catch (error) {
    const again = isAppError(error, 'not_found')
      ? (await deps.findSecrets(job)).find((one) => one.name === name)
      : null;
    if (!again || again.value_ref === value_ref) throw error;
    return deps.vault.get(again.value_ref);
  }
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
