import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { dottedOrder } from './version-orders.ts';

/** Bundler: the lock file alone, as little as it may; a pin in the Gemfile is changed first. */
export const bundler: BumpEcosystem = {
  name: 'bundler',
  auditors: ['bundler-audit'],
  languages: ['ruby'],
  knownBy: /^Gemfile\.lock$/,
  toolNeeded: 'bundle',
  order: dottedOrder,
  packageName: (text) => (/^[A-Za-z0-9_][\w.-]{0,99}$/.test(text) ? text : null),
  installed,
  plan,
};

/** `    rack (2.0.1)` below `specs:`; a platform may follow the version. */
function installed(name: string, home: Home): string[] {
  return (home.text('Gemfile.lock') ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`    ${name} (`))
    .map((line) => dottedOrder.read(/\(([^)]{1,64})\)/.exec(line)?.[1]?.replace(/-(?!\d).*$/, '') ?? ''))
    .filter((version) => version !== null);
}

function plan({ name, from, to, home }: BumpRequest): HomePlan {
  const gemfile = home.text('Gemfile');
  if (gemfile === undefined || home.text('Gemfile.lock') === undefined)
    return none('there is no Gemfile with a Gemfile.lock');
  const old = from ?? installed(name, home)[0];
  if (old === undefined) return none(`${name} is not in Gemfile.lock`);
  const command = `bundle lock --conservative ${level(old, to)} --update=${shellWord(name)}`;
  const note = `Bundler chooses the version: the newest of the level that ${to} is on which the Gemfile allows.`;
  const pinned = gemfile.split('\n').filter((line) => pin(line, name) !== null);
  if (pinned.length === 0) return { kind: 'command', command, owned: ['Gemfile.lock'], note };
  if (pinned.some((line) => pin(line, name) !== old)) return none(`the Gemfile pins another version of ${name}`);
  const lines = gemfile.split('\n').map((line) => (pinned.includes(line) ? line.replace(old, () => to) : line));
  const files = new Map([['Gemfile', lines.join('\n')]]);
  return { kind: 'command', command, files, owned: ['Gemfile', 'Gemfile.lock'], note: 'The Gemfile pins the version.' };
}

/** The version of `gem 'rack', '2.0.1'` or `'= 2.0.1'`; null for other lines and requirements. */
function pin(line: string, name: string): string | null {
  const found = /^\s{0,20}gem[ (]\s{0,4}['"]([^'"]{1,100})['"],\s{0,20}['"](?:=\s{0,4})?(\d[\w.-]{0,63})['"]/.exec(
    line,
  );
  return found?.[1] === name ? (found[2] ?? null) : null;
}

/** How far Bundler may go, in its words. */
function level(from: string, to: string): string {
  const [[major, minor], [newMajor, newMinor]] = [dottedOrder.numbers(from), dottedOrder.numbers(to)];
  if (major !== newMajor) return '--major';
  return (minor ?? 0) === (newMinor ?? 0) ? '--patch' : '--minor';
}
