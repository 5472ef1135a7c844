import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Freeable } from '../../io/disk/freeable.ts';
import { removeTree } from '../../io/files/remove-tree.ts';
import { ownerLives, ownerTag } from '../../io/git/trees/process-owner.ts';
import type { Layer } from '../../io/process/run-request.ts';
import { freeableCaches, markUsed } from './free-caches.ts';

/** The folders of one job: its own HOME, gone with it, and the caches that it uses. */
type JobHome = {
  readonly env: Readonly<Record<string, string>>;
  /** Where its HOME and its caches lie. */
  readonly home: string;
  readonly caches: string;
  /** What goes with the job: its HOME, and its caches where they are its own. */
  readonly dir: string;
  readonly layers: readonly Layer[];
  /** Returns at once; removing goes on behind it. All processes of the job must have ended by then. */
  release(): void;
};

type HomeOrder = {
  /** Whose caches the job uses. */
  readonly owner: string;
  /** What the job writes to the caches is gone with it. */
  readonly isPrivate: boolean;
  /** The job sees nothing of what others have left in the caches; for private ones. */
  readonly isEmpty?: boolean;
  /** Where the job sees its HOME; null: where it lies. */
  readonly seenAt: string | null;
};

export type JobHomes = {
  make(order: HomeOrder): JobHome;
  /** What was downloaded for owners of whom no job runs here. */
  readonly freeable: Freeable;
  close(): Promise<void>;
};

type JobHomesOptions = {
  /** Where the folders of jobs are made; several processes may share it. */
  readonly dir: string;
  /** Where what was downloaded is kept, a folder for each owner. */
  readonly cacheDir: string;
  /** Whether a job can be shown a folder that is laid over another. */
  readonly hasLayers: boolean;
  readonly onTrouble: (error: unknown) => void;
  /** The time, in ms. */
  readonly now?: () => number;
};

/**
 * What is kept, by variable: folders of downloads alone. Nothing in them is read as configuration, and no tool keeps a
 * credential there.
 */
const kept: Readonly<Record<string, string>> = {
  npm_config_store_dir: 'pnpm',
  YARN_CACHE_FOLDER: 'yarn',
  BUN_INSTALL_CACHE_DIR: 'bun',
  PIP_CACHE_DIR: 'pip',
  UV_CACHE_DIR: 'uv',
  GOMODCACHE: 'go-mod',
  GOCACHE: 'go-build',
  COMPOSER_CACHE_DIR: 'composer',
  BUNDLE_USER_CACHE: 'bundle',
  CCACHE_DIR: 'ccache',
  SCCACHE_DIR: 'sccache',
  NUGET_PACKAGES: 'nuget',
};

/** Tools that keep downloads beside configuration, credentials or programs: the job has the folder, the cache a part of it. */
const partlyKept: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '.cargo': { registry: 'cargo/registry', git: 'cargo/git' },
  '.gradle': { caches: 'gradle/caches', wrapper: 'gradle/wrapper' },
  '.m2': { repository: 'maven' },
  '.npm': { _cacache: 'npm/_cacache' },
};

/** Files on whose locks tools wait before they touch what is kept: without one for all, two jobs unpack the same crate at once. */
const keptLocks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '.cargo': {
    '.package-cache': 'cargo/package-cache.lock',
    '.package-cache-mutate': 'cargo/package-cache-mutate.lock',
  },
};

const linksOf = (folder: string) => ({ ...partlyKept[folder], ...keptLocks[folder] });

/** What every HOME has from the start. */
export const usualHome: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.keys(partlyKept).map((folder) => [folder, Object.keys(linksOf(folder))]),
);

/** Folders of the job's HOME by the variables that name them. */
const ownFolders: Readonly<Record<string, string>> = {
  XDG_CACHE_HOME: '.cache',
  CARGO_HOME: '.cargo',
  GRADLE_USER_HOME: '.gradle',
  GOPATH: 'go',
  COMPOSER_HOME: '.composer',
  npm_config_cache: '.npm',
};

const keptFolders = [...Object.values(kept), ...Object.values(partlyKept).flatMap((parts) => Object.values(parts))];

/** Folders that are kept ready for the next job of an owner. */
const mostSpares = 4;
const keptTops = new Set(keptFolders.map((folder) => folder.split('/')[0]));

/** Opens the place of the jobs' folders; those of processes that died are removed. */
export function openJobHomes({ dir, cacheDir, hasLayers, onTrouble, now = Date.now }: JobHomesOptions): JobHomes {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const removing = new Set<Promise<void>>();
  const remove = (path: string) => {
    const gone = removeTree(path).catch(onTrouble);
    removing.add(gone);
    gone.finally(() => removing.delete(gone));
  };
  const sweep = async () => {
    for (const name of await readdir(dir)) if (!ownerLives(name.split('-')[0] ?? '')) remove(join(dir, name));
  };
  const swept = sweep().catch(onTrouble);
  const mark = ownerTag();
  const cachesOf = (owner: string): string => {
    const caches = join(cacheDir, 'owners', owner);
    if (isIncomplete(caches)) makeFolders(caches, keptFolders);
    return caches;
  };
  const spares = new Map<string, string[]>();
  const spare = (place: string, owner: string, caches: string) => {
    const kept = spares.get(owner) ?? [];
    if (kept.length >= mostSpares || !isUntouched(place, caches)) return remove(place);
    spares.set(owner, [...kept, place]);
  };
  const using = new Map<string, number>();
  let last = 0;
  const freshPlace = () => {
    const place = join(dir, `${mark}-${++last}`);
    mkdirSync(join(place, 'home'), { recursive: true, mode: 0o755 });
    return place;
  };
  return {
    make({ owner, isPrivate, isEmpty = false, seenAt }) {
      const used = isPrivate ? undefined : spares.get(owner)?.pop();
      const place = used ?? freshPlace();
      const home = join(place, 'home');
      const shared = cachesOf(owner);
      using.set(owner, (using.get(owner) ?? 0) + 1);
      markUsed(shared, now());
      const caches = isPrivate ? join(place, 'caches') : shared;
      const layers: Layer[] = [];
      if (isPrivate && hasLayers && !isEmpty) {
        const [upper, work] = [join(place, 'upper'), join(place, 'work')];
        for (const folder of [caches, upper, work]) mkdirSync(folder);
        layers.push({ lower: shared, upper, work, at: caches });
      } else if (isPrivate) makeFolders(caches, keptFolders);
      if (used === undefined) linkParts(home, caches);
      return {
        env: { HOME: seenAt ?? home, ...under(seenAt ?? home, ownFolders), ...under(caches, kept) },
        ...{ home, caches, layers, dir: place },
        release: () => {
          using.set(owner, (using.get(owner) ?? 1) - 1);
          if (isPrivate) remove(place);
          else spare(place, owner, shared);
        },
      };
    },
    freeable: freeableCaches(cacheDir, (owner) => (using.get(owner) ?? 0) > 0),
    async close() {
      for (const place of [...spares.values()].flat()) remove(place);
      spares.clear();
      await swept;
      await Promise.all(removing);
    },
  };
}

function under(root: string, folders: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, join(root, folder)]));
}

function linkParts(home: string, caches: string): void {
  for (const folder of Object.keys(partlyKept)) {
    mkdirSync(join(home, folder));
    for (const [name, part] of Object.entries(linksOf(folder)))
      symlinkSync(join(caches, part), join(home, folder, name));
  }
}

/** What tidies up caches takes whole folders. */
function isIncomplete(caches: string): boolean {
  try {
    return readdirSync(caches).length < keptTops.size;
  } catch {
    return true;
  }
}

/** Whether a job left its folder as it got it: the next one of the same owner may have it, which saves making a dozen. */
function isUntouched(place: string, caches: string): boolean {
  const home = join(place, 'home');
  const holds = (folder: string, names: readonly string[]) => {
    const { mode, uid } = lstatSync(folder);
    return (
      mode === folderMode && uid === process.getuid?.() && readdirSync(folder).sort().join('/') === names.join('/')
    );
  };
  try {
    return (
      holds(place, ['home']) &&
      holds(home, Object.keys(partlyKept)) &&
      Object.keys(partlyKept).every((folder) => {
        const links = Object.entries(linksOf(folder));
        const names = links.map(([name]) => name).sort();
        return (
          holds(join(home, folder), names) &&
          links.every(([name, part]) => readlinkSync(join(home, folder, name)) === join(caches, part))
        );
      })
    );
  } catch {
    return false;
  }
}

/** What lstat says of a folder that its owner alone may change. */
const folderMode = 0o40755;

function makeFolders(root: string, names: readonly string[]): void {
  for (const name of names) mkdirSync(join(root, name), { recursive: true, mode: 0o755 });
}
