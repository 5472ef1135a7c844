import semver from 'semver';
import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { semanticOrder } from './version-orders.ts';

/** Cargo: the lock file is moved to exactly the version; the manifest only where it asks for an older one. */
export const cargo: BumpEcosystem = {
  name: 'cargo',
  auditors: ['cargo-audit', 'cargo-deny'],
  languages: ['rust'],
  knownBy: /^Cargo\.lock$/,
  toolNeeded: 'cargo',
  order: semanticOrder,
  packageName: (text) => (/^[A-Za-z][\w-]{0,63}$/.test(text) ? text : null),
  installed: (name, home) => locked(name, home).map(({ version }) => version),
  plan,
};

function locked(name: string, home: Home): { version: string }[] {
  const blocks = (home.text('Cargo.lock') ?? '').replaceAll('\r\n', '\n').split('[[package]]\n').slice(1);
  return blocks.flatMap((block) => {
    const [first = '', second = ''] = block.split('\n');
    const version = semanticOrder.read(/^version = "([^"]{1,64})"$/.exec(second)?.[1] ?? '');
    return first === `name = "${name}"` && version !== null ? [{ version }] : [];
  });
}

function plan({ name, from, to, home }: BumpRequest): HomePlan {
  if (home.text('Cargo.lock') === undefined) return none('there is no Cargo.lock');
  const versions = locked(name, home).filter(({ version }) => semver.lt(version, to));
  const old = versions.find(({ version }) => version === from) ?? (from === null ? versions[0] : undefined);
  if (old === undefined) return none(`${name} ${from ?? `below ${to}`} is not in Cargo.lock`);
  const update = (version: string) => `cargo update -p ${shellWord(`${name}@${version}`)} --precise ${to}`;
  const asked = requirements(home.text('Cargo.toml') ?? '', name);
  const behind = asked.filter(({ range }) => semver.satisfies(old.version, range) && !semver.satisfies(to, range));
  const note = `cargo update moves only ${name} in Cargo.lock.`;
  if (behind.length === 0) return { kind: 'command', command: update(old.version), owned: ['Cargo.lock'], note };
  if (behind.some(({ option }) => option === null) || behind.length > 1)
    return none(`Cargo.toml asks for an older ${name} in a table that cargo add does not write to`);
  const command = `cargo add${behind[0]?.option} ${shellWord(`${name}@${to}`)}`;
  // cargo add writes the manifest, and may already resolve to a newer version; the exact one is set after it.
  const settle = `cargo update -p ${shellWord(name)} --precise ${to}`;
  return {
    kind: 'command',
    command: `${command} && ${settle}`,
    owned: ['Cargo.toml', 'Cargo.lock'],
    note: 'cargo add raises the requirement in Cargo.toml.',
  };
}

type Requirement = {
  readonly range: string;
  /** The option of `cargo add` for its table; null where there is none. */
  readonly option: string | null;
};

/** What the tables of a Cargo.toml ask for, as ranges: a bare version is a caret's. */
function requirements(text: string, name: string): Requirement[] {
  const all: Requirement[] = [];
  let table = '';
  for (const line of text.split('\n')) {
    table = /^\s*\[([^\]]{1,200})\]/.exec(line)?.[1]?.trim() ?? table;
    if (!/dependencies(?:\.[\w-]+)?$/.test(table)) continue;
    const own = table.endsWith(`dependencies.${name}`);
    const [key = '', ...rest] = line.split('=');
    const isName = [name, `"${name}"`].includes(key.trim());
    if (!isName && !(own && key.trim() === 'version')) continue;
    const value = rest.join('=').trim();
    const asked = value.startsWith('{') ? value.slice(Math.max(0, value.indexOf('version'))) : value;
    const range = /"([^"]{1,100})"/.exec(asked)?.[1];
    if (range === undefined || (value.startsWith('{') && !/\bversion\b/.test(value))) continue;
    all.push({ range: /^\d/.test(range) ? `^${range}` : range.replaceAll(',', ' '), option: optionOf(table) });
  }
  return all;
}

function optionOf(table: string): string | null {
  const options: Readonly<Record<string, string>> = {
    dependencies: '',
    'dev-dependencies': ' --dev',
    'build-dependencies': ' --build',
  };
  return options[table.split('.')[0] ?? ''] ?? null;
}
