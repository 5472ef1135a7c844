import { existsSync, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../io/files/remove-tree.ts';
import { type CargoPackages, cratesOf, isForeignUnit, isOfCrates } from './rules/cargo-target.ts';

const ofRoot = new Set(['.rustc_info.json', 'CACHEDIR.TAG']);

/** Takes from a target folder all that is of the tree's own packages; answers whether anything is left to be kept. */
export async function pruneTarget(target: string, packages: CargoPackages): Promise<boolean> {
  let kept = 0;
  for (const name of await readdir(target)) {
    const place = join(target, name);
    if (ofRoot.has(name)) continue;
    const profiles = isProfile(place) ? [place] : await profilesIn(place);
    if (profiles.length === 0) await removeTree(place);
    for (const profile of profiles) kept += await pruneProfile(profile, packages);
  }
  return kept > 0;
}

function isProfile(place: string): boolean {
  return isFolder(place) && existsSync(join(place, '.fingerprint'));
}

/** Below the name of a machine that is compiled for. */
async function profilesIn(place: string): Promise<string[]> {
  if (!isFolder(place)) return [];
  const inner = (await readdir(place)).map((name) => join(place, name));
  for (const one of inner) if (!isProfile(one)) await removeTree(one);
  return inner.filter(isProfile);
}

const isFolder = (place: string) => lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;

async function pruneProfile(profile: string, packages: CargoPackages): Promise<number> {
  const at = (...names: string[]) => join(profile, ...names);
  for (const name of await readdir(profile))
    if (!['.fingerprint', 'build', 'deps'].includes(name)) await removeTree(at(name));
  const own = new Set<string>([...packages.own].map((name) => name.replaceAll('-', '_')));
  let kept = 0;
  for (const unit of await readdir(at('.fingerprint'))) {
    if (isForeignUnit(unit, packages)) {
      kept += 1;
      continue;
    }
    for (const crate of cratesOf(await readdir(at('.fingerprint', unit)).catch(() => []))) own.add(crate);
    await removeTree(at('.fingerprint', unit));
  }
  for (const unit of await readdir(at('build')).catch(() => []))
    if (!isForeignUnit(unit, packages)) await removeTree(at('build', unit));
  for (const file of await readdir(at('deps')).catch(() => []))
    if (isOfCrates(file, own)) await removeTree(at('deps', file));
  return kept;
}
