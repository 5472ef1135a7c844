import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerLives, ownerTag } from '../git/trees/process-owner.ts';

/**
 * A new folder for sockets and what is temporary, below the folder of the machine for such; `what` is a word of its name. Those
 * of processes that died are removed: who is killed removes nothing.
 */
export async function temporaryPlace(what: string): Promise<string> {
  const prefix = `ct-${what}-`;
  await mkdir(tmpdir(), { recursive: true });
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  const left = names.filter((name) => !ownerLives(name.slice(prefix.length).split('-')[0] ?? ''));
  await Promise.allSettled(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return mkdtemp(join(tmpdir(), `${prefix}${ownerTag()}-`));
}
