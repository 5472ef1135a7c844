import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, syncTree } from '../io/files/sync-tree.ts';
import { ownerLives, ownerTag } from '../io/git/trees/process-owner.ts';
import { setDigest } from './rules/set-digest.ts';

/** The documents of versions of recipe sets, each version in a folder named after its digest. */
export type SetCache = {
  /** The documents by name; null where they are not there, or are not what the digest says. */
  read(digest: string): Promise<ReadonlyMap<string, Buffer> | null>;
  /** Keeps documents; answers their digest. */
  keep(files: ReadonlyMap<string, Buffer>): Promise<string>;
};

const complete = '.complete';
/** Versions that are kept, the last used ones: the others can be fetched again. */
const most = 256;

/** Opens the cache of a folder. What processes that died left half made is removed with the next version. */
export function openSetCache(dir: string, now: () => number): SetCache {
  return {
    async read(digest) {
      const place = join(dir, digest);
      const files = await readVersion(place).catch(() => null);
      if (files === null) return null;
      if (setDigest(files).digest !== digest) {
        await putAside(dir, place);
        return null;
      }
      const time = new Date(now());
      await utimes(join(place, complete), time, time).catch(() => {});
      return files;
    },
    async keep(files) {
      const { digest } = setDigest(files);
      if ((await this.read(digest)) !== null) return digest;
      await mkdir(dir, { recursive: true });
      await clean(dir);
      const stage = join(dir, `stage-${ownerTag()}-${randomBytes(6).toString('hex')}`);
      await mkdir(stage);
      for (const [name, content] of files) await writeFile(join(stage, `${name}.json`), content);
      await writeFile(join(stage, complete), `${digest}\n`);
      await syncTree(stage);
      // Whole or not at all: until now it has a name that nobody takes for a version.
      await rename(stage, join(dir, digest)).catch(async (error) => {
        await rm(stage, { recursive: true, force: true });
        // Another process was first.
        if ((await this.read(digest)) === null) throw error;
      });
      await syncFolder(dir);
      return digest;
    },
  };
}

async function readVersion(place: string): Promise<Map<string, Buffer> | null> {
  const names = await readdir(place);
  if (!names.includes(complete)) return null;
  const documents = names.filter((name) => name.endsWith('.json'));
  const read = documents.map(
    async (name) => [name.slice(0, -'.json'.length), await readFile(join(place, name))] as const,
  );
  return new Map(await Promise.all(read));
}

async function putAside(dir: string, place: string): Promise<void> {
  const aside = join(dir, `stage-${ownerTag()}-${randomBytes(6).toString('hex')}`);
  await rename(place, aside).catch(() => {});
  await rm(aside, { recursive: true, force: true });
}

/** Stages of the dead, folders without their mark, and the versions used longest ago. */
async function clean(dir: string): Promise<void> {
  const used: { place: string; at: number }[] = [];
  for (const name of await readdir(dir)) {
    const place = join(dir, name);
    const owner = /^stage-(\d+_\d+)-/.exec(name)?.[1];
    if (owner !== undefined && ownerLives(owner)) continue;
    const marked = owner === undefined ? await stat(join(place, complete)).catch(() => null) : null;
    if (marked === null) await rm(place, { recursive: true, force: true });
    else used.push({ place, at: marked.mtimeMs });
  }
  const old = used.sort((a, b) => b.at - a.at).slice(most - 1);
  for (const { place } of old) await rm(place, { recursive: true, force: true });
}
