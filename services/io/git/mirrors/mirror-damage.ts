import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../../floor/app-error.ts';

/** What another clone does not mend: a full disk, limits of the machine, a command that we stopped ourselves. */
const elsewhere =
  /no space left|disk quota exceeded|too many open files|cannot (?:allocate|fork)|out of memory|read-only file system|stopped \((?:timeout|output|closing)\)/i;

/** Our copy is not fit to be used; the remote has nothing to do with it. */
export function mirrorDamaged(why: string): AppError {
  return new AppError('internal', `The farm's copy of the repository is damaged: ${why}`, { name: 'git_mirror' });
}

/** Whether a failure may come from damage to our copy: git's own commands on our own folders do not fail otherwise. */
export function isMirrorDamage(error: unknown): error is AppError {
  return (
    isAppError(error) &&
    (error.reason === 'git_mirror' || error.reason === 'git_local') &&
    !elsewhere.test(error.message)
  );
}

/** Whether git met a lock, which somebody holds or left behind. */
export function tellsOfLock(stderr: string): boolean {
  return /\.lock'?: file exists|another git process/i.test(stderr);
}

/** What is wrong with a mirror that was made to its end, as far as a look at a few small files shows; else null. */
export async function mirrorFault(dir: string, remoteSection: string): Promise<string | null> {
  const [head, config] = await Promise.all([text(path.join(dir, 'HEAD')), text(path.join(dir, 'config'))]);
  if (head === null) return 'HEAD is missing';
  if (!/^(?:ref: refs\/\S+|[0-9a-f]{40})\n?$/.test(head)) return 'HEAD names nothing';
  if (config === null) return 'its configuration is missing';
  const foreign = /\[\s*(?:include|includeif|url)/i.test(config) || config.split('[remote').length !== 2;
  if (foreign || !config.includes(remoteSection)) return 'its configuration names another remote';
  for (const name of ['objects', 'refs']) {
    const found = await stat(path.join(dir, name)).catch(() => undefined);
    if (!found?.isDirectory()) return `${name} is not a folder`;
  }
  return null;
}

async function text(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
