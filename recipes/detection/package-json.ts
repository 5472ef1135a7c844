import { posix } from 'node:path';
import type { Tree } from '../define.ts';
import { jsonData, objectOf, stringsOf, yamlData } from '../evidence/read-data.ts';
import { globMatches } from './path-glob.ts';
import { at, inside } from './tree.ts';

/** What a package.json says that matters here; one that is no JSON says nothing. */
export type PackageJson = {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
  readonly workspaces: readonly string[];
  readonly packageManager: string;
};

export function packageJson(tree: Tree, folder: string): PackageJson {
  const json = jsonData(tree.text(at(folder, 'package.json')));
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  const named = Array.isArray(json['workspaces']) ? json['workspaces'] : objectOf(json['workspaces']).packages;
  return {
    name: typeof json['name'] === 'string' ? json['name'] : '',
    scripts: Object.fromEntries(
      Object.entries(objectOf(json['scripts'])).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    ),
    dependencies: new Set(fields.flatMap((field) => Object.keys(objectOf(json[field])))),
    workspaces: [...stringsOf(named), ...stringsOf(yamlData(tree.text(at(folder, 'pnpm-workspace.yaml')))['packages'])],
    packageManager: typeof json['packageManager'] === 'string' ? json['packageManager'] : '',
  };
}

/** Whether the workspaces of a package in `outer` name the folder `inner`. */
export function isMember({ workspaces }: PackageJson, outer: string, inner: string): boolean {
  if (!inside(inner, outer)) return false;
  const relative = posix.relative(outer, inner);
  // A pattern is looked up as `glob/package.json`, and `dir/**` means `dir` too.
  const matches = (glob: string) =>
    globMatches(glob, relative) || globMatches(`${glob.replace(/\/+$/, '')}/package.json`, `${relative}/package.json`);
  const excluded = workspaces.filter((glob) => glob.startsWith('!')).some((glob) => matches(glob.slice(1)));
  return !excluded && workspaces.some((glob) => !glob.startsWith('!') && matches(glob));
}
