import { AppError } from '../../../floor/app-error.ts';
import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses } from '../mirrors/git-processes.ts';

type TreeDeps = { processes: GitProcesses; env: Record<string, string>; timeoutMs: number };

const mostBytes = 64 * 1024 * 1024;

/** The paths of all files of a commit of a bare repository. AppError('too_large') over 64 MiB of names. */
export async function readCommitFiles(deps: TreeDeps, gitDir: string, sha: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  const result = await deps.processes.run({
    command: 'git',
    args: ['ls-tree', '-r', '-z', '--name-only', '--full-tree', sha],
    cwd: gitDir,
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
    onOutput(chunk) {
      size += chunk.length;
      if (size <= mostBytes) chunks.push(chunk);
    },
  });
  if (result.code !== 0) throw localFailure('listing the files of a commit', result);
  if (size > mostBytes) throw new AppError('too_large', `The names of the files of ${sha} take more than 64 MiB.`);
  return Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
}
