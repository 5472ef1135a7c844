import { chmodSync, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { AppError } from '../../floor/app-error.ts';
import { giveToUser, isMachineRoot, letRead, type UserBlock } from '../process/job-users.ts';
import type { Confinement, Containment, Layer } from '../process/run-request.ts';

/**
 * Who a job is to the machine. `mapped`: a user of its own, as whose the kernel shows it root's files; `given`: a user of its
 * own, to whom files are given, for machines and file systems without that; `service`: the user of the service, never root.
 */
export type JobUser = 'mapped' | 'given' | 'service';

/** What may be tried, best first; of root, none that leaves a job to it. */
export function jobUsers(containment: Containment): readonly JobUser[] {
  if (!isMachineRoot()) return ['service'];
  return containment === 'pid-namespace' ? ['mapped', 'given'] : ['given'];
}

/** Lets every user pass folders of the farm, not list them: where files are given, jobs go to theirs by the usual way. */
export function letPass(folders: readonly string[]): void {
  for (const folder of folders.filter((one) => existsSync(one)))
    chmodSync(folder, (statSync(folder).mode & 0o7777) | 0o011);
}

/** The outermost folder above a path, or the path itself, that others may not pass. */
function closedAbove(path: string): string | null {
  const above = dirname(path);
  const outer = above === path ? null : closedAbove(above);
  if (outer !== null) return outer;
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() && (found.mode & 1) === 0 ? path : null;
}

/** What of these paths is below folders that others may not pass, and those folders. */
export function behindClosed(paths: readonly string[]) {
  const behind = paths.filter((path) => closedAbove(path) !== null);
  return { behind, covers: [...new Set(behind.map((path) => closedAbove(path) ?? path))] };
}

/** Those of these paths that lie in none of the others. */
export function outermost(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other !== path && isIn(other, path)));
}

type Places = {
  readonly tree: string;
  readonly dir: string;
  readonly caches: string;
  readonly layers: readonly Layer[];
  readonly read: readonly string[];
};
type Owned = { readonly confine: Pick<Confinement, 'own' | 'seen' | 'user'>; release(): void };

const isIn = (folder: string, path: string) => `${path}${sep}`.startsWith(folder + sep);

/**
 * Makes the user of each job: `more` are further paths that are the job's alone; `open` what it may write and `shown` what it
 * shall read although it is closed to others. Those two are not the farm's: they can be shown, and are never given to anybody.
 */
export function openJobUsers(user: JobUser, block: UserBlock | null) {
  const taken = new Set<number>();
  const takeUser = (): number => {
    for (let at = 0; block && at < block.count; at += 1) {
      const one = block.first + at;
      if (!taken.has(one)) return one;
    }
    throw new AppError('unavailable', 'There are no users left for further jobs.');
  };
  return async (
    { tree, dir, caches, layers, read }: Places,
    { more = [], open = [], shown = [] }: More,
  ): Promise<Owned> => {
    const nobody = { confine: {}, release: () => {} };
    if (user === 'service') return nobody;
    const isPrivate = isIn(dir, caches);
    if (user === 'mapped') {
      const lowers = layers.map(({ lower }) => lower).filter((path) => !isIn(dir, path));
      const kept = [tree, dir, ...(isPrivate ? [] : [caches]), ...more];
      const own = outermost([...kept, ...open.filter((path) => !hides(path, kept))]);
      return { ...nobody, confine: { own, seen: [...read, ...lowers, ...shown] } };
    }
    const closed = read.filter((path) => (statSync(path).mode & 0o004) === 0);
    if (closed.length > 0) await letRead(closed);
    const own = [tree, dir, ...more];
    if (!isPrivate && block) {
      const owner = block.ofOwner(caches);
      if (isForeign(caches, owner)) await giveToUser(owner, [caches]);
      return { ...nobody, confine: { own, user: owner } };
    }
    const one = takeUser();
    taken.add(one);
    return { confine: { own, user: one }, release: () => void taken.delete(one) };
  };
}

/** Whether a folder that shows as somebody's hides one of these, which lies below it on a disk of its own. */
function hides(folder: string, paths: readonly string[]): boolean {
  return paths.some((path) => isIn(folder, path) && statSync(path).dev !== statSync(folder).dev);
}

type More = { readonly [what in 'more' | 'open' | 'shown']?: readonly string[] };

/** Whether a cache or one of its folders is not yet its owner's: what tidies up takes whole folders, which are made anew. */
function isForeign(caches: string, owner: number, depth = 2): boolean {
  const found = lstatSync(caches);
  if (found.uid !== owner) return true;
  if (depth === 0 || !found.isDirectory()) return false;
  return readdirSync(caches).some((name) => isForeign(join(caches, name), owner, depth - 1));
}
