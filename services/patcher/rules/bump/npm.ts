import semver from 'semver';
import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { dependencyKind, npmName, objectOf, parsedJson, rangeOf, withRange } from './package-manifest.ts';
import { semanticOrder } from './version-orders.ts';

const quiet = '--package-lock-only --ignore-scripts --no-audit --no-fund';
const locks = ['npm-shrinkwrap.json', 'package-lock.json'];
const inModules = /(?:^|\/)node_modules\//;

/** npm: what a manifest names is installed anew at the version, what others bring along is updated in their ranges. */
export const npm: BumpEcosystem = {
  name: 'npm',
  auditors: ['npm-audit'],
  languages: ['javascript', 'typescript'],
  knownBy: /^(package-lock\.json|npm-shrinkwrap\.json)$/,
  toolNeeded: 'npm',
  order: semanticOrder,
  packageName: npmName,
  installed: (name, home) => copies(name, home).map(({ version }) => version),
  plan,
};

type Entry = { readonly path: string; readonly fields: Readonly<Record<string, unknown>> };

function entries(home: Home): Entry[] {
  const text = locks.map((lock) => home.text(lock)).find((one) => one !== undefined);
  const packages = objectOf(objectOf(parsedJson(text)).packages);
  return Object.entries(packages).map(([path, fields]) => ({ path, fields: objectOf(fields) }));
}

function copies(name: string, home: Home): { path: string; version: string }[] {
  return entries(home).flatMap(({ path, fields }) => {
    const version = path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`) ? fields.version : null;
    return typeof version === 'string' && semver.valid(version) !== null ? [{ path, version }] : [];
  });
}

function plan({ name, from, to, home }: BumpRequest): HomePlan {
  const lock = locks.find((one) => home.text(one) !== undefined);
  const manifest = home.text('package.json');
  if (manifest === undefined) return none('there is no package.json beside the lock file');
  if (lock === undefined) return edited(manifest, name, to);
  const all = entries(home);
  if (all.length === 0) return none(`${lock} has no list of packages that npm 7 or newer reads`);
  const old = copies(name, home).filter(({ version }) => semver.lt(version, to) && (from === null || version === from));
  if (old.length === 0) return none(`${name} ${from ?? `below ${to}`} is not in ${lock}`);
  const places = new Map(copies(name, home).map(({ path }) => [path, old.some((one) => one.path === path)]));
  const users = all.filter(({ path, fields }) => rangeOf(fields, name) !== null && uses(path, name, places));
  const projects = users.filter(({ path }) => !inModules.test(`/${path}`));
  if (projects.some(({ path }) => !/^[\w@.-]*(?:\/[\w@.-]+)*$/.test(path) || path.startsWith('-')))
    return none(`a workspace that uses ${name} has a path that is not fit for a command`);
  const packages = users.filter(({ path }) => inModules.test(`/${path}`));
  const holding = packages.find(({ fields }) => !admits(rangeOf(fields, name) ?? '', to));
  if (holding !== undefined && projects.length === 0) {
    const asked = (rangeOf(holding.fields, name) ?? '').slice(0, 64);
    return none(`${holding.path.replace(/^.*node_modules\//, '')} asks for ${name} ${asked}, which ${to} is not in`);
  }
  if (projects.length > 0) return direct(name, to, { lock, projects });
  const command = `npm update ${quiet} ${shellWord(name)}`;
  const note = `npm update moves ${name}, which other packages bring along, to the newest version that they allow.`;
  return { kind: 'command', command, owned: [lock], note };
}

/** Whether what stands at `path` gets a copy that is to go: the nearest one on its way up. `places` has all copies. */
function uses(path: string, name: string, places: ReadonlyMap<string, boolean>): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const goes = places.get(`${folder === '' ? '' : `${folder}/`}node_modules/${name}`);
    if (goes !== undefined || folder === '') return goes ?? false;
  }
}

function direct(name: string, to: string, { lock, projects }: { lock: string; projects: readonly Entry[] }): HomePlan {
  const ranges = new Set(projects.map(({ fields }) => rangeOf(fields, name) ?? ''));
  const [range = ''] = ranges;
  if (ranges.size > 1) return none(`the workspaces ask for different ranges of ${name}`);
  const style = styleOf(range);
  if (style === null) return none(`package.json asks for ${name} in a way that npm install would not keep`);
  const workspaces = projects.map(({ path }) => path).filter((path) => path !== '');
  if (workspaces.length > 0 && workspaces.length < projects.length)
    return none(`both the root and a workspace ask for ${name}`);
  const kind = dependencyKind(projects[0]?.fields ?? {}, name);
  const words = [
    `npm install ${quiet}`,
    style,
    kind,
    ...workspaces.map((path) => `--workspace=${shellWord(path)}`),
    shellWord(`${name}@${to}`),
  ];
  const manifests = workspaces.length === 0 ? ['package.json'] : workspaces.map((path) => `${path}/package.json`);
  const note = `npm install writes the version to ${manifests.join(', ')} and ${lock}.`;
  return { kind: 'command', command: words.filter((word) => word !== '').join(' '), owned: [...manifests, lock], note };
}

function admits(range: string, version: string): boolean {
  return range.length <= 256 && semver.satisfies(version, range);
}

/** The option that keeps a range in its own style; null for one that is more than a sign and a version. */
function styleOf(range: string): string | null {
  const sign = /^([~^]?)\d+(?:\.\d+){0,2}(?:-[\w.-]+)?$/.exec(range)?.[1];
  if (sign === undefined) return null;
  return sign === '' ? '--save-exact' : `--save-prefix='${sign}'`;
}

function edited(manifest: string, name: string, to: string): HomePlan {
  const text = withRange(manifest, name, to);
  if (text === null) return none(`there is no lock file, and package.json does not ask for one version of ${name}`);
  return { kind: 'edit', files: new Map([['package.json', text]]), note: 'There is no lock file.' };
}
