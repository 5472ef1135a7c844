import { type World, worldOf, worlds } from './install-worlds.ts';

/**
 * What the result of an install depends on. `files`: these paths alone, so it holds for other commits too; `commit`: more
 * than that, and `why`. `floating`: no lock file decides the versions, so another day may bring others.
 */
export type InstallInputs = { readonly floating: boolean } & (
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'commit'; readonly why: string }
);

export type InstallPlace = {
  readonly command: string;
  /** The subproject's folder, `.` for the root. */
  readonly subproject: string;
  /** The files of the tree, from its root. */
  readonly paths: readonly string[];
  /** The text of those that `isManifest` names; empty for others. */
  readonly text: (path: string) => string;
};

const always =
  /^(?:\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.?mise\.toml|\.sdkmanrc|rust-toolchain(?:\.toml)?)$/;
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

/** Whether the rules below want to read a file. */
export function isManifest(path: string): boolean {
  return /^(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|composer\.json)$/.test(nameOf(path));
}

/** Says what an install reads. A command that is not known to read manifests alone may read anything. */
export function installInputs(place: InstallPlace): InstallInputs {
  const { command, paths } = place;
  const parts = plainParts(command);
  if (parts === null) return { kind: 'commit', why: 'it is more than a list of known commands', floating: true };
  const known = parts.map(worldOf);
  const strange = parts[known.indexOf(null)];
  if (strange !== undefined)
    return { kind: 'commit', why: `what "${strange.slice(0, 60)}" reads is not known`, floating: true };
  const used = worlds.filter((world) => known.includes(world.name));
  const near = paths.filter((path) => isNear(path, place.subproject));
  const floating = used.some((world) => isFloating(world, parts, near));
  const more = used.flatMap((world) => world.more?.({ parts, near, text: place.text }) ?? [])[0];
  if (more !== undefined) return { kind: 'commit', why: more, floating };
  const named = new Set(parts.flatMap((part) => part.split(/\s+/)).map((word) => word.replace(/^['"]|['"]$/g, '')));
  const besides = used.flatMap((world) => world.moreFiles?.(near, place.text) ?? []);
  const isInput = (path: string) => {
    const name = nameOf(path);
    const spread = used.some(({ anywhere }) => anywhere?.test(path));
    if (spread) return true;
    if (!isNear(path, place.subproject)) return false;
    return (
      always.test(name) ||
      [...used.map(({ files }) => files), ...besides].some((files) => files.test(path)) ||
      [...named].some((one) => ends(path, one))
    );
  };
  return { kind: 'files', paths: paths.filter(isInput), floating };
}

/** In the subproject, or right in a folder above it. */
function isNear(path: string, subproject: string): boolean {
  if (subproject === '.' || path.startsWith(`${subproject}/`)) return true;
  const folder = folderOf(path);
  return folder === '.' || subproject.startsWith(`${folder}/`);
}

/** Whether a word of the command may name a file. */
function ends(path: string, word: string): boolean {
  const clean = word.replace(/^(?:\.\.?\/)+/, '');
  return clean.length > 1 && /[./]/.test(clean) && (path === clean || path.endsWith(`/${clean}`));
}

function isFloating({ locks, floats }: World, parts: readonly string[], near: readonly string[]): boolean {
  if (parts.some((part) => floats?.test(part))) return true;
  return locks === null ? false : !near.some((path) => locks.test(nameOf(path)));
}

/** The simple commands of a list, without the variables before them; null for what is more than `&&` and `;`. */
function plainParts(command: string): string[] | null {
  if (/[|`<>(){}*?]|\$\(|(?<!&)&(?!&)/.test(command)) return null;
  const parts = command
    .split(/&&|;|\n/)
    .map((part) => part.trim().replace(/^(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)\s+)+/, ''));
  return parts.filter((part) => part !== '');
}
