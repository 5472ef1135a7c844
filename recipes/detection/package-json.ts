import { posix } from 'node:path';
import type { Tree } from '../define.ts';
import { globMatches } from './path-glob.ts';
import { at, inside } from './tree.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a package.json says that matters here; one that is no JSON says nothing. */
export type PackageJson = {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
  readonly workspaces: readonly string[];
  readonly packageManager: string;
};

export function packageJson(tree: Tree, folder: string): PackageJson {
  const json = parse(tree.text(at(folder, 'package.json')));
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  const named = Array.isArray(json.workspaces) ? json.workspaces : objectOf(json.workspaces).packages;
  return {
    scripts: Object.fromEntries(
      Object.entries(objectOf(json.scripts)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    dependencies: new Set(fields.flatMap((field) => Object.keys(objectOf(json[field])))),
    workspaces: [...strings(named), ...pnpmWorkspaces(tree.text(at(folder, 'pnpm-workspace.yaml')))],
    packageManager: typeof json.packageManager === 'string' ? json.packageManager : '',
  };
}

/** Whether the workspaces of a package in `outer` name the folder `inner`. */
export function isMember({ workspaces }: PackageJson, outer: string, inner: string): boolean {
  if (!inside(inner, outer)) return false;
  const relative = posix.relative(outer, inner);
  const matches = (glob: string) => globMatches(glob, relative);
  const excluded = workspaces.filter((glob) => glob.startsWith('!')).some((glob) => matches(glob.slice(1)));
  return !excluded && workspaces.some((glob) => !glob.startsWith('!') && matches(glob));
}

/** The list under `packages:`, the only part of that file that matters here. */
function pnpmWorkspaces(yaml: string): string[] {
  const block = /^packages:[^\n]*\n((?:[ \t]*(?:-[^\n]*|#[^\n]*)?(?:\n|$))*)/m.exec(yaml)?.[1] ?? '';
  return [...block.matchAll(/^[ \t]*-[ \t]*(["']?)([^"'\s#]+)\1/gm)].map((match) => match[2] ?? '');
}

function parse(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
