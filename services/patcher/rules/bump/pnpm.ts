import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { npmName, objectOf, parsedJson, rangeOf } from './package-manifest.ts';
import { semanticOrder } from './version-orders.ts';

const lock = 'pnpm-lock.yaml';
const quiet = '--lockfile-only --ignore-scripts';

/** pnpm, which keeps the style of a range by itself. */
export const pnpm: BumpEcosystem = {
  name: 'pnpm',
  auditors: ['pnpm-audit', 'npm-audit'],
  languages: ['javascript', 'typescript'],
  knownBy: /^pnpm-lock\.yaml$/,
  toolNeeded: 'pnpm',
  order: semanticOrder,
  packageName: npmName,
  installed,
  plan,
};

/** The keys of `packages`: `/minimist@1.2.0:`, `minimist@1.2.0(peer@1.0.0):` or, before version 6, `/minimist/1.2.0:`. */
function installed(name: string, home: Home): string[] {
  const versions = new Set<string>();
  for (const line of (home.text(lock) ?? '').split('\n')) {
    const key = line.replace(/^ {2}['"]?\/?/, '');
    if (key === line || !key.startsWith(name) || !/^[@/]\d/.test(key.slice(name.length))) continue;
    const version = semanticOrder.read(/^[\d.]{1,40}(?:-[\w.-]{1,60})?/.exec(key.slice(name.length + 1))?.[0] ?? '');
    if (version !== null) versions.add(version);
  }
  return [...versions];
}

function plan({ name, from, to, home }: BumpRequest): HomePlan {
  const manifest = home.text('package.json');
  if (manifest === undefined || home.text(lock) === undefined) return none(`there is no package.json with a ${lock}`);
  if (!installed(name, home).some((version) => (from ?? version) === version))
    return none(`${name} ${from ?? ''} is not in ${lock}`);
  const range = rangeOf(objectOf(parsedJson(manifest)), name);
  if (range === null) {
    const command = `pnpm update ${quiet} --no-save --depth Infinity ${shellWord(name)}`;
    const note = `pnpm update moves ${name}, which other packages bring along, to the newest version that they allow.`;
    return { kind: 'command', command, owned: [lock], note };
  }
  if (!/^[~^]?\d/.test(range)) return none(`package.json asks for ${name} in a way that pnpm update would not keep`);
  const command = `pnpm update ${quiet} ${shellWord(`${name}@${to}`)}`;
  return { kind: 'command', command, owned: ['package.json', lock], note: 'pnpm update keeps the style of the range.' };
}
