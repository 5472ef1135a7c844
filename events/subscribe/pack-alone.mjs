import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Writes the subscriber library as a package of its own: whoever hears of events installs no farm. Its place is
// `clients/dist/events`, or a first argument; `npm pack` or `npm install` of that folder does the rest.
const root = resolve(import.meta.dirname, '..', '..');
const target = resolve(process.argv[2] ?? join(root, 'clients', 'dist', 'events'));
const { version, license, engines, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const needed = ['@nats-io/transport-node', '@sinclair/typebox'];

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'events', 'subscribe'), { recursive: true });
execFileSync(process.execPath, [join(import.meta.dirname, 'pack-events.mjs'), join(target, 'dist')], {
  stdio: 'inherit',
});
cpSync(join(import.meta.dirname, 'entry.mjs'), join(target, 'events', 'subscribe', 'entry.mjs'));
cpSync(join(root, 'events', 'README.md'), join(target, 'README.md'));
const described = {
  name: '@crafting-table/events',
  version,
  description: 'Hears of what happens at a crafting-table farm, over HTTP or NATS',
  license,
  type: 'module',
  engines,
  exports: { '.': { types: './dist/events/subscribe/entry.d.mts', default: './events/subscribe/entry.mjs' } },
  files: ['dist', 'events'],
  dependencies: Object.fromEntries(needed.map((name) => [name, dependencies[name]])),
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
process.stdout.write(`@crafting-table/events is in ${target}.\n`);
