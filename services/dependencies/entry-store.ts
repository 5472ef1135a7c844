import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileLock, tryLock } from '../io/files/file-lock.ts';
import { removeTree } from '../io/files/remove-tree.ts';
import { ownerLives, ownerTag } from '../io/git/trees/process-owner.ts';
import { contentOf, printOf } from './entry-print.ts';

/** Something that an install made: a folder, a file or a link, by its place in the tree or in HOME. */
export type Part = { readonly root: 'tree' | 'home'; readonly path: string; readonly kind: 'folder' | 'file' | 'link' };

/** What an install made, without where it lies. */
export type EntryFacts = {
  readonly owner: string;
  readonly project: string;
  readonly subproject: string;
  /** The install, or the recipe whose compiled outputs these are. */
  readonly command: string;
  readonly kind: 'install' | 'compiled';
  readonly parts: readonly Part[];
  /** Tracked files whose mode it changed. */
  readonly modes: readonly (readonly [string, number])[];
  /** The only commit for which it holds; null: for all with the same key. */
  readonly sha: string | null;
  /** After this it is made again, in ms since 1970; null: never. */
  readonly until: number | null;
  readonly bytes: number;
  readonly files: number;
  readonly madeAt: number;
};

type Marker = EntryFacts & { readonly content: string; readonly print: string; readonly boot: string };
type Use = { readonly usedAt: number; readonly hits: number };

export type Entry = EntryFacts & {
  readonly key: string;
  /** Part n lies at `parts/n` in it. */
  readonly dir: string;
  /** To be called when nothing reads the entry any more. */
  release(): void;
};

export type Listed = EntryFacts & Use & { readonly key: string };

type Counts = { readonly hits: number; readonly misses: number; readonly damaged: number };

export type EntryStore = {
  /** The entry, checked and held until its release; `damaged`: it was not what had been stored, and is moved aside. */
  find(owner: string, key: string): Promise<Entry | null | 'damaged'>;
  /** A folder to put parts into, on the file system of the entries. */
  stage(owner: string): Promise<string>;
  /** Makes what lies in a stage an entry, and answers it held. One that is there already is replaced. */
  keep(stage: string, key: string, facts: EntryFacts, content: string): Promise<Entry>;
  /** To be had by one process at a time; null while another has it. */
  lock(owner: string, key: string): FileLock | null;
  list(): Promise<Listed[]>;
  /** Removes entries that nobody uses, those used longest ago first, until as many bytes are free; answers how many are. */
  freeLeastUsed(bytes: number): Promise<number>;
  /** Counts one more of these. */
  count(what: keyof Counts): Promise<void>;
  /** Since the folder was made; processes that count at the same moment may lose one. */
  counts(): Promise<Counts>;
  /** Removes those that are chosen and that nobody uses; answers how many, and their bytes. */
  clear(chosen: (entry: Listed) => boolean): Promise<{ entries: number; bytes: number }>;
};

const complete = '.complete';
const used = '.used';
const countsFile = 'counts.json';
const dayMs = 86_400_000;

type StoreOptions = { readonly dir: string; readonly mostBytes: number; readonly now: () => number };

/** Opens what installs have made, a folder for each owner. What processes that died left half done is removed. */
export function openEntryStore({ dir, mostBytes, now }: StoreOptions): EntryStore {
  const at = (owner: string, key: string) => join(dir, owner, key);
  const lockFile = (owner: string, key: string, what: string) => join(dir, owner, 'locks', `${key}.${what}`);
  const hold = (facts: EntryFacts, key: string): Entry => {
    const lock = tryLock(lockFile(facts.owner, key, 'use'), { shared: true });
    return { ...facts, key, dir: at(facts.owner, key), release: () => lock?.release() };
  };
  const swept = sweep(dir, now()).catch(() => {});

  const store: EntryStore = {
    async find(owner, key) {
      await swept;
      const place = at(owner, key);
      const marker = await readMarker(place);
      if (marker === null) return null;
      const lock = tryLock(lockFile(owner, key, 'use'), { shared: true });
      // Somebody removes it at this moment.
      if (lock === null) return null;
      const entry = { ...marker, key, dir: place, release: () => lock.release() };
      const verdict = await check(place, marker).catch(() => false);
      if (!verdict) {
        entry.release();
        // Another job may have moved it already, or it went between the look and the lock.
        const isMoved = await aside(dir, place).then(
          () => true,
          () => false,
        );
        return isMoved ? 'damaged' : null;
      }
      const before = await readUse(place);
      await writeFile(join(place, used), JSON.stringify({ usedAt: now(), hits: before.hits + 1 })).catch(() => {});
      return entry;
    },
    async stage(owner) {
      await swept;
      const place = join(dir, owner, `stage-${ownerTag()}-${randomBytes(6).toString('hex')}`);
      await mkdir(join(place, 'parts'), { recursive: true, mode: 0o755 });
      return place;
    },
    async keep(stage, key, facts, content) {
      const place = at(facts.owner, key);
      if (existsSync(place)) await aside(dir, place);
      const marker = { ...facts, content, print: await printOf(join(stage, 'parts')), boot: bootId() };
      await writeFile(join(stage, used), JSON.stringify({ usedAt: now(), hits: 0 }));
      await writeFile(join(stage, complete), JSON.stringify(marker));
      // Whole or not at all: until now it has a name that nobody takes for an entry.
      await rename(stage, place);
      const entry = hold(facts, key);
      const total = (await store.list()).reduce((sum, one) => sum + one.bytes, 0);
      if (total > mostBytes) await store.freeLeastUsed(total - mostBytes);
      return entry;
    },
    counts: () => readCounts(dir),
    async count(what) {
      const now = await readCounts(dir);
      const fresh = `${join(dir, countsFile)}.${ownerTag()}`;
      await mkdir(dir, { recursive: true });
      await writeFile(fresh, JSON.stringify({ ...now, [what]: now[what] + 1 }));
      await rename(fresh, join(dir, countsFile));
    },
    lock: (owner, key) => tryLock(lockFile(owner, key, 'install')),
    async list() {
      await swept;
      const listed: Listed[] = [];
      for (const owner of await names(dir))
        for (const key of await names(join(dir, owner))) {
          const marker = /^[0-9a-f]{64}$/.test(key) ? await readMarker(at(owner, key)) : null;
          if (marker === null) continue;
          const { content: _content, print: _print, boot: _boot, ...facts } = marker;
          listed.push({ ...facts, ...(await readUse(at(owner, key))), key });
        }
      return listed.sort((a, b) => a.usedAt - b.usedAt);
    },
    async freeLeastUsed(bytes) {
      let freed = 0;
      for (const one of await store.list()) {
        if (freed >= bytes) break;
        if (await remove(one)) freed += one.bytes;
      }
      return freed;
    },
    async clear(chosen) {
      let [entries, bytes] = [0, 0];
      for (const one of (await store.list()).filter(chosen))
        if (await remove(one)) [entries, bytes] = [entries + 1, bytes + one.bytes];
      return { entries, bytes };
    },
  };

  /** False while a job reads it. */
  async function remove({ owner, key }: Listed): Promise<boolean> {
    const lock = tryLock(lockFile(owner, key, 'use'));
    if (lock === null) return false;
    // Whoever wants the lock meanwhile waits: what is out of sight is removed without it.
    const gone = await aside(dir, at(owner, key))
      .catch(() => null)
      .finally(() => lock.release());
    if (gone === null) return false;
    await removeTree(gone);
    return true;
  }
  return store;
}

/** Whether an entry is what was stored: by the kernel's stamps, and by its content after a restart of the machine. */
async function check(place: string, marker: Marker): Promise<boolean> {
  const parts = join(place, 'parts');
  const boot = bootId();
  if (marker.boot === boot && (await printOf(parts)) === marker.print) return true;
  if ((await contentOf(parts)).digest !== marker.content) return false;
  await writeFile(join(place, `${complete}.new`), JSON.stringify({ ...marker, print: await printOf(parts), boot }));
  await rename(join(place, `${complete}.new`), join(place, complete));
  return true;
}

/** What power loss took from files shows in no stamp: the first look after a start of the machine reads them. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

async function readMarker(place: string): Promise<Marker | null> {
  try {
    return JSON.parse(await readFile(join(place, complete), 'utf8'));
  } catch {
    return null;
  }
}

async function readCounts(dir: string): Promise<Counts> {
  const none = { hits: 0, misses: 0, damaged: 0 };
  try {
    return { ...none, ...JSON.parse(await readFile(join(dir, countsFile), 'utf8')) };
  } catch {
    return none;
  }
}

async function readUse(place: string): Promise<Use> {
  try {
    return JSON.parse(await readFile(join(place, used), 'utf8'));
  } catch {
    return { usedAt: 0, hits: 0 };
  }
}

/** Takes an entry out of sight at once. */
async function aside(dir: string, place: string): Promise<string> {
  const to = join(dir, '.aside', `${ownerTag()}-${randomBytes(6).toString('hex')}`);
  await mkdir(join(dir, '.aside'), { recursive: true });
  await rename(place, to);
  return to;
}

/** Stages of the dead, entries without their mark, and what was moved aside a day ago. */
async function sweep(dir: string, now: number): Promise<void> {
  for (const name of await names(join(dir, '.aside'))) {
    const place = join(dir, '.aside', name);
    const found = await stat(place).catch(() => null);
    if (found && found.ctimeMs + dayMs < now) await removeTree(place);
  }
  for (const owner of await names(dir))
    for (const name of await names(join(dir, owner))) {
      const place = join(dir, owner, name);
      const isStage = name.startsWith('stage-') && !ownerLives(name.split('-')[1] ?? '');
      if (isStage || (/^[0-9a-f]{64}$/.test(name) && !existsSync(join(place, complete))))
        await rm(place, { recursive: true, force: true }).catch(() => removeTree(place));
    }
}

async function names(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => name !== 'locks').sort();
}
