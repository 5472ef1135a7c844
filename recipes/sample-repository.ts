import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const sources = fileURLToPath(new URL('sample', import.meta.url));

// Compilers, test runners and scanners of lock files walk over this repository: the faults of the sample are none of it.
const suffix = '.sample';

const person = { NAME: 'Corner Shop', EMAIL: 'shop@example.org', DATE: '2026-01-01T00:00:00Z' };

/**
 * Writes the sample sources into a folder, which is made, and commits them. Nothing of the machine or its user enters
 * the commit, so its sha changes only with the sources.
 */
export async function makeSampleRepository(dir: string): Promise<{ dir: string; branch: string; sha: string }> {
  const branch = 'main';
  for (const entry of await readdir(sources, { recursive: true })) {
    if (!entry.endsWith(suffix)) continue;
    const file = join(dir, entry.slice(0, -suffix.length));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await readFile(join(sources, entry)), { flag: 'wx' });
    await chmod(file, file.endsWith('.sh') ? 0o755 : 0o644);
  }
  const git = gitIn(dir);
  await git('init', '--quiet', '--template=', '--object-format=sha1', `--initial-branch=${branch}`);
  await git('add', '--all', '--force');
  await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message=Open the shop');
  return { dir, branch, sha: (await git('rev-parse', 'HEAD')).trim() };
}

function gitIn(dir: string): (...args: string[]) => Promise<string> {
  // Variables such as GIT_DIR, which a hook or a rebase sets, would point at another repository.
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(outer),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) =>
        Object.entries(person).map(([field, value]) => [`GIT_${role}_${field}`, value]),
      ),
    ),
  };
  const settings = ['core.autocrlf=false', 'core.fileMode=true', 'gc.auto=0'].flatMap((setting) => ['-c', setting]);
  return async (...args) => (await promisify(execFile)('git', [...settings, ...args], { cwd: dir, env })).stdout;
}
