import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../floor/app-error.ts';
import { syncFolder, syncTree } from '../io/files/sync-tree.ts';

/**
 * Inside the data folder, not beside it: that may be a mount point, which cannot be renamed. What a restore makes is put
 * together here and moved up when it is whole.
 */
const workName = 'restoring';
/** In there once everything is whole and on disk; holds the name of the folder for what is replaced. */
const completeName = 'complete';
/** What a restored farm begins with, in the order in which it is moved up. */
const restored = ['secret.key', 'restored.json', 'nats'];
const ofOurLock = ['lock.db', 'lock.db-journal', 'lock.pid'];
const neverMoved = [...ofOurLock, 'lost+found', workName];

/**
 * What stands in the way of a restore into a folder, by name. A key that was laid there for the restore does not, nor
 * do the leavings of a restore that was killed, which are removed.
 */
export function inTheWay(dataDir: string): string[] {
  return namesIn(dataDir).filter((name) => ![...neverMoved, 'secret.key'].includes(name) && !isReplaced(name));
}

/** An empty folder to work in; that of a restore that was killed is removed. */
export function openWork(dataDir: string): string {
  const work = join(dataDir, workName);
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  mkdirSync(work, { mode: 0o700 });
  return work;
}

/** Moves what was made in place of what is there, which is kept in a folder of its own. Answers that folder's name. */
export async function putInPlace(dataDir: string, now: Date): Promise<string> {
  const work = join(dataDir, workName);
  const aside = `replaced-${now.toISOString().replace(/[:.]/g, '-')}`;
  await syncTree(work);
  // From here on the restore is finished, by this process or by the next one.
  writeFileSync(join(work, completeName), aside, { flush: true });
  await syncFolder(work);
  await moveUp(dataDir, aside);
  return aside;
}

/**
 * Deals with a restore that was killed: what was whole is moved in place, also half moved. Throws AppError('conflict')
 * when it was not whole: no farm may run there then.
 */
export async function finishRestore(dataDir: string): Promise<void> {
  const work = join(dataDir, workName);
  if (!existsSync(work)) return;
  const complete = join(work, completeName);
  if (existsSync(complete)) return moveUp(dataDir, readFileSync(complete, 'utf8'));
  throw new AppError(
    'conflict',
    `A restore into ${dataDir} was not finished: run it again, or remove ${work} to start with what else is there.`,
  );
}

async function moveUp(dataDir: string, aside: string): Promise<void> {
  const work = join(dataDir, workName);
  const coming = restored.filter((name) => existsSync(join(work, name)));
  const hasCome = (name: string) => restored.includes(name) && !coming.includes(name);
  const replaced = namesIn(dataDir).filter((name) => !neverMoved.includes(name) && !isReplaced(name) && !hasCome(name));
  if (replaced.length > 0) mkdirSync(join(dataDir, aside), { recursive: true, mode: 0o700 });
  for (const name of replaced) renameSync(join(dataDir, name), join(dataDir, aside, name));
  for (const name of coming) renameSync(join(work, name), join(dataDir, name));
  await syncFolder(dataDir);
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

function isReplaced(name: string): boolean {
  return /^replaced-\d{4}-/.test(name);
}

function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}
