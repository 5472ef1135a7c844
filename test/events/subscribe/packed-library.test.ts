import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { inTempDir } from '../../support/farm-parts.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

const program = `
import { events, fileCheckpoint, isEventName, subscribe, SubscriptionRefused } from 'crafting-table/events';
const refusals = [];
for (const options of [{ url: '' }, { nats: { url: 'nats://127.0.0.1:1', stream: 's', consumer: 'c' } }])
  await subscribe(options, () => {}).catch((error) => refusals.push(error instanceof SubscriptionRefused && error.message));
const checkpoint = fileCheckpoint('here');
await checkpoint.save(7);
console.log(JSON.stringify({ refusals, at: await checkpoint.load(), known: isEventName('PrOpened'), events: Object.keys(events).length }));
`;

const typed = `
import { fileCheckpoint, subscribe, type Recorded } from 'crafting-table/events';
const title = ({ data }: Recorded<'PrOpened'>): string => data.url;
await subscribe(
  { url: 'http://127.0.0.1:8810', from: { date: new Date(0) }, events: ['PrOpened', 'FindingDetected'], checkpoint: fileCheckpoint('x') },
  async (event) => {
    if (event.type === 'FindingDetected') return void event.data.finding.severity.toUpperCase();
    title(event);
    // @ts-expect-error: it was not asked for
    if (event.type === 'JobEnqueued') return;
  },
);
// @ts-expect-error: there is no such event
await subscribe({ url: '', events: ['PrOpend'] }, () => {});
`;

/** A project that has the package installed, as \`npm install\` of a packed or of a linked one leaves it. */
function consumerIn(dir: string): string {
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(join(dir, 'program.js'), program);
  for (const name of ['@sinclair', '@nats-io', '@types', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  return join(dir, 'node_modules', 'crafting-table');
}

async function ranIn(dir: string) {
  return JSON.parse((await run(process.execPath, ['program.js'], { cwd: dir })).stdout);
}

const works = {
  refusals: [
    'Expected `url`, the address of the service, such as http://127.0.0.1:8810.',
    'Expected `nats.seed` or `nats.seedFile`: the key of the subscriber.',
  ],
  at: 7,
  known: true,
};

test('crafting-table/events works from a package, with its types', () =>
  inTempDir(async (dir) => {
    const place = consumerIn(dir);
    await run(process.execPath, ['events/subscribe/pack-events.mjs', join(place, 'dist')], { cwd: root });
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
    assert.ok(files.includes('dist') && files.includes('events'));
    for (const part of ['package.json', 'events']) cpSync(join(root, part), join(place, part), { recursive: true });
    const { events, ...rest } = await ranIn(dir);
    assert.deepEqual(rest, works);
    assert.ok(events > 50);
    writeFileSync(join(dir, 'typed.ts'), typed);
    const options = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
    ];
    await run(join(root, 'node_modules', '.bin', 'tsc'), [...options, 'typed.ts'], { cwd: dir }).catch((error) =>
      assert.fail(error.stdout),
    );
  }));

test('crafting-table/events works from a checkout that is linked, without any build', () =>
  inTempDir(async (dir) => {
    symlinkSync(root, consumerIn(dir));
    const { events: _, ...rest } = await ranIn(dir);
    assert.deepEqual(rest, works);
  }));

/** A package and all that it needs, by name, as the lock file of this repository has them. */
function withAllNeeded(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  for (const one of Object.keys(dependencies)) withAllNeeded(one, found);
  return found;
}

test('the library is a package of its own with two dependencies, which is packed, laid out in an empty folder and used', () =>
  inTempDir(async (dir) => {
    const made = join(dir, 'made');
    await run(process.execPath, ['events/subscribe/pack-alone.mjs', made], { cwd: root });
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: made });
    const [{ filename, size }] = JSON.parse(stdout);
    assert.ok(size < 200_000, `${size} bytes`);
    const empty = join(dir, 'empty');
    const place = join(empty, 'node_modules', '@crafting-table', 'events');
    mkdirSync(place, { recursive: true });
    await run('tar', ['-xzf', join(dir, filename), '--strip-components=1', '-C', place]);
    const { dependencies } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    assert.deepEqual(Object.keys(dependencies), ['@nats-io/transport-node', '@sinclair/typebox']);
    const all = new Set(Object.keys(dependencies).flatMap((name) => [...withAllNeeded(name)]));
    assert.ok(all.size <= 8, [...all].join());
    for (const name of all)
      cpSync(join(root, 'node_modules', name), join(empty, 'node_modules', name), { recursive: true });
    writeFileSync(join(empty, 'package.json'), '{"type":"module"}');
    writeFileSync(join(empty, 'program.js'), program.replace('crafting-table/events', '@crafting-table/events'));
    const { events, ...rest } = await ranIn(empty);
    assert.deepEqual(rest, works);
    assert.ok(events > 50);
  }));

test('npm pack makes the library by way of the set-up, so that a bare clone with an older Node can do it', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, script = ''] = /^node services\/cli\/launch\.mjs --run (\S+)$/.exec(scripts.prepack) ?? [];
  assert.equal(scripts[script], 'node events/subscribe/pack-events.mjs');
});
