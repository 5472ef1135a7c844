import { worldOf, worlds } from './install-worlds.ts';
import { leadsToSources } from './python-world.ts';
import { folderOf, type Named, nameOf, type World } from './world.ts';

/**
 * What the result of an install depends on. `files`: these paths alone, so it holds for other commits too; `commit`: more
 * than that, and `why`. `floating`: no lock file decides the versions, so another day may bring others. `isLocal`: it leads into
 * the sources of its project, so it holds for no other.
 */
export type InstallInputs = { readonly floating: boolean; readonly isLocal: boolean } & (
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'commit'; readonly why: string }
);

type InstallPlace = {
  readonly command: string;
  /** The subproject's folder, `.` for the root. */
  readonly subproject: string;
  /** The files of the tree, from its root. */
  readonly paths: readonly string[];
  /** The text of a file. */
  readonly text: (path: string) => string;
  /** The variables of the job. */
  readonly env?: Readonly<Record<string, string>>;
};

const always =
  /^(?:\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.?mise\.toml|\.sdkmanrc|rust-toolchain(?:\.toml)?)$/;
/** Variables that name files or code for a tool. */
const guiding =
  /^(?:PIP_(?:CONSTRAINT|BUILD_CONSTRAINT|REQUIREMENT|EDITABLE|FIND_LINKS|CONFIG_FILE|CONFIG_SETTINGS)|UV_(?:CONSTRAINT|BUILD_CONSTRAINT|OVERRIDE|EXCLUDE|FIND_LINKS|CONFIG_FILE|PROJECT|WORKING_DIR(?:ECTORY)?)|PYTHON(?:PATH|STARTUP|HOME)|NODE_(?:OPTIONS|PATH)|npm_config_(?:userconfig|globalconfig|prefix|script_shell|node_options)|BUNDLE_(?:GEMFILE|LOCAL__\w+)|RUBY(?:OPT|LIB)|COMPOSER|GOWORK|BASH_ENV|LD_PRELOAD)$/i;
const elsewhere =
  /(?:^|\s)(?:-C|-P|-d|--prefix|--dir|--cwd|--directory|--project|--working-dir|--manifest-path|--?modfile|--gemfile|--userconfig|--globalconfig|--config|--config-file|--configfile|--lockfile-dir|--(?:global-)?pnpmfile|--script-shell|--node-options)(?=[\s=]|$)|\.\.\//;

/** Says what an install reads. A command that is not known to read manifests alone may read anything. */
export function installInputs(place: InstallPlace): InstallInputs {
  const { command, paths, subproject, text } = place;
  const commit = (why: string, floating = true): InstallInputs => ({ kind: 'commit', why, floating, isLocal: true });
  const parts = plainParts(command);
  if (parts === null) return commit('it is more than a list of known commands');
  const known = parts.map(worldOf);
  const strange = parts[known.indexOf(null)];
  if (strange !== undefined) return commit(`what "${strange.slice(0, 60)}" reads is not known`);
  const used = worlds.filter((world) => known.includes(world.name));
  const near = paths.filter((path) => isNear(path, subproject));
  const floating = used.some((world) => isFloating(world, parts, near));
  const guide = guideOf(place);
  if (guide !== undefined) return commit(`what ${guide} leads to is not known`, floating);
  const facts = { parts, subproject, near, all: new Set(paths), text };
  const more = used.flatMap((world) => world.more?.(facts) ?? [])[0];
  if (more !== undefined) return commit(more, floating);
  const away = parts.find((part) => elsewhere.test(part) && !/\bpip[\d.]*\s+install\b/.test(part));
  if (away !== undefined) return commit(`what "${away.slice(0, 60)}" reads is not known`, floating);
  const listed: Named[] = used.flatMap((world) => world.named?.(facts) ?? []);
  const included = new Set<string>();
  for (const one of listed) {
    if ('why' in one) return commit(one.why, floating);
    for (const path of one.paths) included.add(path);
  }
  const named = new Set(parts.flatMap((part) => part.split(/\s+/)).map((word) => word.replace(/^['"]|['"]$/g, '')));
  const isInput = (path: string) => {
    if (included.has(path) || used.some(({ anywhere }) => anywhere?.test(path))) return true;
    if (!isNear(path, subproject)) return false;
    return (
      always.test(nameOf(path)) ||
      used.some(({ files }) => files.test(path)) ||
      [...named].some((one) => ends(path, one))
    );
  };
  return { kind: 'files', paths: paths.filter(isInput), floating, isLocal: leadsToSources(parts) };
}

/** A variable of the job or of the command that names files or code which nobody looked at. */
function guideOf({ command, env = {} }: InstallPlace): string | undefined {
  const set = [...command.matchAll(/(?:^|[\s;&])([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&]*)/g)];
  const all = [...Object.entries(env), ...set.map(([, name = '', value = '']) => [name, value] as const)];
  const isWebbed = (value: string) => /^['"]?https?:/.test(value);
  const guides = ([name, value]: readonly [string, string]) =>
    name === 'GOFLAGS' ? /modfile|overlay/.test(value) : guiding.test(name) && value !== '' && !isWebbed(value);
  return all.find(guides)?.[0];
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
