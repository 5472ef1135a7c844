import { existsSync, globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path';

/** What of the machine jobs may read. Paths are absolute; all of them are there. */
export type ShownPaths = {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Links of the root folder, such as /bin, by where they lead. */
  readonly links: ReadonlyMap<string, string>;
  /** Files below these paths that jobs may not read all the same. */
  readonly hiddenFiles: readonly string[];
  readonly hiddenFolders: readonly string[];
};

type ShownFrom = {
  /** The environment of the recipes: their PATH, and what it names. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of the farm: never shown, wherever they lie. */
  readonly own: readonly string[];
  /** What the operator shows besides. */
  readonly extra: readonly string[];
};

const rootFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const systemFolders = ['/usr', '/etc', '/opt', '/nix', '/var/lib/gems', '/var/lib/ghc', '/var/lib/dotnet'];
/** Beside a folder of programs: what they load. By the last one a Python knows that it is one of a virtual environment. */
const besidePrograms = ['lib', 'lib64', 'libexec', 'include', 'pyvenv.cfg'];
/** Beside the shims of a version manager (pyenv, rbenv, nodenv, asdf, mise): what they choose from, and the version that is set. */
const besideShims = ['versions', 'installs', 'plugins', 'version'];
const mostLinks = 500;
/** What a service that runs as root could read, and no job has any use for. */
const machineSecrets = ['/etc/{g,}shadow{,-}', '/etc/sudoers', '/etc/ssh/ssh_host_*_key', '/etc/krb5.keytab'];
const machineSecretFolders = ['/etc/ssl/private', '/etc/sudoers.d', '/etc/docker', '/etc/wireguard'];

/** Finds what to show: the system's folders, the tools on the PATH with what lies beside them, and what variables name. */
export function findShownPaths({ env, own, extra }: ShownFrom): ShownPaths {
  const links = new Map<string, string>();
  const paths = new Set<string>();
  const show = (path: string) => {
    const place = path.replace(/\/+$/, '');
    const isLinked = [...links.keys()].some((link) => place === link || place.startsWith(link + sep));
    if (isAbsolute(place) && !isLinked && existsSync(place)) paths.add(place);
  };
  for (const folder of rootFolders) {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) links.set(folder, readlinkSync(folder));
    else show(folder);
  }
  systemFolders.forEach(show);
  for (const folder of (env['PATH'] ?? '').split(delimiter)) if (existsSync(folder)) toolPaths(folder).forEach(show);
  for (const [name, value] of Object.entries(env)) if (!isOfFarm(value, own) && name !== 'PATH') show(value);
  extra.forEach(show);
  // A link that leads elsewhere, as /etc/resolv.conf often does, would lead nowhere.
  if (existsSync('/etc/resolv.conf')) show(realpathSync('/etc/resolv.conf'));
  const outer = [...paths].filter((path) => ![...paths].some((other) => path.startsWith(other + sep)));
  return {
    paths: outer.filter((path) => !own.includes(path)),
    links,
    hiddenFiles: globSync([...machineSecrets, join(process.cwd(), '.env')]).filter((file) => isBelow(file, outer)),
    hiddenFolders: [...machineSecretFolders, ...own].filter((folder) => existsSync(folder) && isBelow(folder, outer)),
  };
}

/** What is shown and holds nothing hidden: a folder that holds some is replaced by what else is in it. */
export function withoutHidden({ paths, hiddenFiles, hiddenFolders }: ShownPaths): string[] {
  const hidden = [...hiddenFiles, ...hiddenFolders];
  const split = (path: string): string[] => {
    if (hidden.includes(path)) return [];
    if (!hidden.some((one) => one.startsWith(path + sep))) return [path];
    return readdirSync(path).flatMap((name) => split(join(path, name)));
  };
  return paths.flatMap(split);
}

function toolPaths(folder: string): string[] {
  if (!isAbsolute(folder)) return [];
  const modules = folder.indexOf(`${sep}node_modules${sep}`);
  if (modules >= 0) return [folder.slice(0, modules + '/node_modules'.length)];
  const found = [folder, ...linkedFolders(folder)];
  const beside = basename(folder) === 'shims' ? [...besidePrograms, ...besideShims] : besidePrograms;
  return [...found, ...found.flatMap((one) => beside.map((name) => join(dirname(one), name)))];
}

/**
 * The folders of programs to which links on the PATH lead, as pipx, uv and others install theirs, and the Python on which a
 * virtual environment stands. What lies in no folder of programs is shown alone.
 */
function linkedFolders(folder: string): string[] {
  if (systemFolders.some((one) => isBelow(folder, [one])) || rootFolders.includes(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).slice(0, mostLinks);
  const targets = entries.filter((entry) => entry.isSymbolicLink()).flatMap(({ name }) => targetOf(join(folder, name)));
  const homes = [...new Set([folder, ...targets])].flatMap(homeOfEnvironment);
  return [...new Set([...targets, ...homes])].filter((one) => one !== folder);
}

function targetOf(link: string): string[] {
  try {
    const file = realpathSync(link);
    return [basename(dirname(file)) === 'bin' ? dirname(file) : file];
  } catch {
    // It leads nowhere.
    return [];
  }
}

function homeOfEnvironment(folder: string): string[] {
  try {
    const home = /^home\s*=\s*(\/.+)$/m.exec(readFileSync(join(dirname(folder), 'pyvenv.cfg'), 'utf8'))?.[1]?.trim();
    return home === undefined ? [] : [home];
  } catch {
    return [];
  }
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder + sep));
}

/** Values such as HOME are folders of the farm, which jobs get in their own way. */
function isOfFarm(value: string, own: readonly string[]): boolean {
  return own.some((folder) => value === folder || value.startsWith(folder + sep) || folder.startsWith(value + sep));
}
