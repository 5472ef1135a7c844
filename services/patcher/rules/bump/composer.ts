import semver from 'semver';
import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { objectOf, parsedJson } from './package-manifest.ts';
import { dottedOrder } from './version-orders.ts';

const quiet = '--no-install --no-scripts --no-plugins --no-interaction';

/** Composer: exactly the version; the manifest only where it asks for an older one. Nothing is installed. */
export const composer: BumpEcosystem = {
  name: 'composer',
  auditors: ['composer-audit'],
  languages: ['php'],
  knownBy: /^composer\.lock$/,
  toolNeeded: 'composer',
  order: dottedOrder,
  packageName: (text) =>
    text.length <= 200 && /^[a-z0-9][\w.-]*\/[a-z0-9][\w.-]*$/i.test(text) ? text.toLowerCase() : null,
  installed,
  plan,
};

function installed(name: string, home: Home): string[] {
  const lock = objectOf(parsedJson(home.text('composer.lock')));
  return [lock.packages, lock['packages-dev']]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map(objectOf)
    .filter((one) => one.name === name && typeof one.version === 'string')
    .map((one) => dottedOrder.read(String(one.version)))
    .filter((version) => version !== null);
}

function plan({ name, to, home }: BumpRequest): HomePlan {
  const manifest = objectOf(parsedJson(home.text('composer.json')));
  if (installed(name, home).length === 0) return none(`${name} is not in composer.lock`);
  const [used, dev] = [manifest.require, manifest['require-dev']].map((list) => objectOf(list)[name]);
  const constraint = used ?? dev;
  if (constraint === undefined || (typeof constraint === 'string' && allows(constraint, to) === true)) {
    const command = `composer update ${quiet} --with ${shellWord(`${name}:${to}`)} ${shellWord(name)}`;
    return { kind: 'command', command, owned: ['composer.lock'], note: `Only ${name} moves in composer.lock.` };
  }
  if (typeof constraint !== 'string' || allows(constraint, to) === null)
    return none(`what composer.json asks for of ${name} is not understood`);
  const sign = /^v?\d[\d.]*$/.test(constraint) ? '' : constraint.startsWith('~') ? '~' : '^';
  const words = [`composer require ${quiet}`, used === undefined ? '--dev' : '', shellWord(`${name}:${sign}${to}`)];
  return {
    kind: 'command',
    command: words.filter((word) => word !== '').join(' '),
    owned: ['composer.json', 'composer.lock'],
    note: 'composer.json asks for an older version, and is raised with the lock file.',
  };
}

/** Whether a constraint of composer.json admits a version; null for one that is not understood. */
function allows(constraint: string, version: string): boolean | null {
  if (constraint.length > 200) return null;
  // Composer's tilde lets the last number that is given grow, npm's the last of three.
  const range = constraint
    .replace(/~\s{0,4}v?(\d{1,9})\.(\d{1,9})(?=$|[\s,|@])/g, '>=$1.$2.0 <$1.99999')
    .replace(/~\s{0,4}v?(\d{1,9})(?=$|[\s,|@])/g, '>=$1.0.0')
    .replace(/\bv(?=\d)/g, '')
    .replace(/\|{1,2}/g, '||')
    .replace(/,/g, ' ');
  // Without a number in the third place a bare version is exact here, and any of its line to npm.
  const exact = range.replace(/^(\d{1,9})\.(\d{1,9})$/, '$1.$2.0');
  const [release] = dottedOrder.isPrerelease(version) ? [] : [version.split('.').slice(0, 3)];
  const wanted = release === undefined ? null : semver.valid([...release, '0', '0'].slice(0, 3).join('.'));
  if (semver.validRange(exact) === null || wanted === null) return null;
  return semver.satisfies(wanted, exact);
}
