import type { KeyObject } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { folderGit, isBare } from '../../io/git/folder-git.ts';
import { type Check, checkBundle, checkDiff, checkLog } from '../../statements/rules/check-statement.ts';
import { type Envelope, readBundle } from '../../statements/rules/dsse-envelope.ts';
import type { ProofStatement } from '../../statements/rules/proof-predicate.ts';

export type Material = {
  readonly bundle: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** The text of the diff, a repository that holds the commit, and what jobs printed, as far as they are given. */
  readonly diff: Buffer | null;
  readonly repository: string | null;
  readonly logOf: (jobId: string) => Promise<Buffer | null>;
  readonly hasLogs: boolean;
};

/** Checks a proof against public keys, without asking anybody. */
export async function verifyProof(material: Material): Promise<{ checks: Check[]; statement: ProofStatement | null }> {
  let envelopes: Envelope[];
  try {
    envelopes = readBundle(material.bundle);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { checks: [{ what: 'bundle', ok: false, detail: error.message }], statement: null };
  }
  const { checks: found, statement } = checkBundle(envelopes, material.keys);
  const checks = [...found];
  if (statement === null) return { checks, statement };
  const none = (what: string, how: string): Check => ({ what, ok: null, detail: `not given: ${how}` });
  checks.push(
    material.diff === null ? none('patch', '--diff FILE compares it') : checkDiff(statement, material.diff),
    material.repository === null
      ? none('commit', '--repository DIR compares it')
      : await checkCommit(material.repository, statement),
  );
  if (!material.hasLogs) checks.push(none('logs', '--logs DIR compares them'));
  else for (const run of statement.predicate.runs) checks.push(checkLog(run, await material.logOf(run.job_id)));
  return { checks, statement };
}

/** Whether a repository holds the commit as stated: its tree by its id, on the stated base, with the stated files. */
async function checkCommit(dir: string, { predicate }: ProofStatement): Promise<Check> {
  const { commit, base, diff } = predicate;
  const bare = await isBare(dir, process.env);
  const git = (...args: string[]) => folderGit(args, { cwd: dir, env: { PATH: process.env['PATH'] }, bare });
  const no = (detail: string): Check => ({ what: 'commit', ok: false, detail });
  try {
    await git('fsck', '--no-dangling', '--no-progress', '--connectivity-only', commit);
    const [parents = ''] = (await git('log', '-1', '--format=%P', commit)).split('\n');
    if (parents !== base.commit) return no(`${commit} stands on ${parents || 'nothing'}, not on ${base.commit}`);
    const shown = await git('diff-tree', '-r', '-z', '--no-renames', '--name-only', base.commit, commit);
    const paths = shown.split('\0').filter((path) => path !== '');
    const stated = new Set(diff.files.map(({ path }) => path));
    const foreign = paths.filter((path) => !stated.has(path));
    const isMoved = diff.files.some(({ status }) => status === 'renamed');
    if (foreign.length > 0 && !isMoved) return no(`it changes ${foreign.slice(0, 3).join(', ')}, which is not stated`);
    return { what: 'commit', ok: true, detail: `${commit} on ${base.commit.slice(0, 12)}, ${paths.length} files` };
  } catch (error) {
    return no(`${dir} does not hold it: ${messageOf(error).split('\n')[0]?.slice(0, 200)}`);
  }
}

/** The logs of a folder: `<job id>.log` or `<job id>`. Throws AppError('invalid') when it is no folder. */
export async function logsOf(dir: string): Promise<Material['logOf']> {
  if (!(await stat(dir).catch(() => null))?.isDirectory())
    throw new AppError('invalid', `${dir} is no folder with the logs of jobs (JOB.log).`);
  const names = new Set(await readdir(dir));
  return async (id) => {
    const name = [`${id}.log`, id].find((one) => names.has(one));
    return name === undefined ? null : readFile(join(dir, name));
  };
}
