import type { RecipeSourceDoc, RecipeVersion } from '../../projections/projects/recipe-sources.ts';
import { AppError, type Fault } from '../floor/app-error.ts';
import type { Remote, Workspaces } from '../io/git/trees/workspaces.ts';
import type { Vault } from '../io/sealing/vault.ts';
import { documentFaults } from './rules/set-recipes.ts';
import type { SetCache } from './set-cache.ts';

export type VersionDeps = {
  readonly cache: SetCache;
  /** Null in a process that has no mirrors: what the cache has not cannot be had then. */
  readonly workspaces: Pick<Workspaces, 'listFiles' | 'readBlobs'> | null;
  readonly vault: Pick<Vault, 'get'>;
};

type Place = Pick<RecipeSourceDoc, 'id' | 'git_url' | 'credential_ref' | 'folder'>;
export type Documents = ReadonlyMap<string, Buffer>;

const mostDocuments = 64;
const mostBytes = 1024 * 1024;
const mostFaults = 20;

/** Where a source is, with its own credential: no other one is used for it. */
export async function remoteOfSource(
  { git_url: url, credential_ref }: Pick<Place, 'git_url' | 'credential_ref'>,
  vault: Pick<Vault, 'get'>,
): Promise<Remote> {
  return credential_ref === null ? { url } : { url, credential: JSON.parse(await vault.get(credential_ref)) };
}

/** The documents of a commit, each of them without a fault; or the faults. Throws AppError where the remote cannot be read. */
export async function fetchDocuments(
  source: Place,
  sha: string,
  { workspaces, vault }: Pick<VersionDeps, 'workspaces' | 'vault'>,
): Promise<{ readonly faults: null; readonly files: Documents } | { readonly faults: readonly Fault[] }> {
  if (workspaces === null)
    throw new AppError('unavailable', `This process cannot read ${source.id}: ask one with the role scheduler.`);
  const remote = await remoteOfSource(source, vault);
  const prefix = source.folder === '.' ? '' : `${source.folder}/`;
  const listed = await workspaces.listFiles(remote, sha);
  const names = listed
    .filter((path) => path.startsWith(prefix) && path.endsWith('.json') && !path.slice(prefix.length).includes('/'))
    .map((path) => path.slice(prefix.length, -'.json'.length));
  const fault = (path: string, message: string) => ({ faults: [{ path: path.slice(0, 512), message }] });
  if (names.length === 0) return fault('', `there is no *.json in the folder ${source.folder} of this commit`);
  if (names.length > mostDocuments) return fault('', `${names.length} documents; at most ${mostDocuments} can be`);
  const strange = names.find((name) => !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name));
  if (strange !== undefined)
    return fault(`${strange}.json`, 'expected a name of lower-case letters, digits, ".", "_" and "-"');
  const blobs = await workspaces.readBlobs(
    remote,
    sha,
    names.map((name) => `${prefix}${name}.json`),
  );
  const files = new Map<string, Buffer>();
  for (const name of names) {
    const content = blobs.get(`${prefix}${name}.json`);
    if (content === undefined) return fault(`${name}.json`, 'is no file below 4 MiB');
    files.set(name, content);
  }
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > mostBytes) return fault('', `the documents have ${bytes} bytes; at most ${mostBytes} are read`);
  const faults = [...files].flatMap(([name, content]) => documentFaults(name, content));
  return faults.length > 0 ? { faults: faults.slice(0, mostFaults) } : { faults: null, files };
}

/**
 * The documents of a version that was fetched once: from the cache, or from the remote again. Throws AppError('not_found') when
 * the remote has that commit no more, or has another one under its name.
 */
export async function readVersion(
  source: Place,
  { sha, digest }: Pick<RecipeVersion, 'sha' | 'digest'>,
  deps: VersionDeps,
): Promise<Documents> {
  const cached = await deps.cache.read(digest);
  if (cached !== null) return cached;
  const read = await fetchDocuments(source, sha, deps);
  const kept = read.faults === null ? await deps.cache.keep(read.files) : null;
  if (read.faults !== null || kept !== digest)
    throw new AppError('not_found', `Version ${sha.slice(0, 12)} of ${source.id} is not what was fetched before.`, {
      name: 'recipe_version',
    });
  return read.files;
}
