import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import { toolchainMatrix } from '../../../services/cli/offline/toolchain-matrix.ts';
import { healthcheck } from '../../../services/image/healthcheck.ts';
import { makeNatsKey } from '../../../services/image/make-nats-key.ts';
import { npm, vendors } from '../../../services/image/make-sbom.ts';
import { linesForSmoke, toolchains } from '../../../services/image/toolchains.ts';

const root = resolve(import.meta.dirname, '../../..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'ct-image-'));
after(() => rmSync(dir, { recursive: true }));

test('the Dockerfile is free of faults, and the check sees one that is put in', () => {
  const faults = (dockerfile: string) => validate(dockerfile).map(({ message }) => message);
  assert.deepEqual(faults(text('Dockerfile')), []);
  assert.deepEqual(faults(`${text('Dockerfile')}\nRUNN true\n`), ['Unknown instruction: RUNN']);
});

test('the Dockerfile names no front end, no checksum that nobody has checked, one PATH, and an unprivileged user', () => {
  const dockerfile = text('Dockerfile');
  assert.doesNotMatch(dockerfile, /^#\s*syntax/im);
  assert.doesNotMatch(dockerfile, /_SHA256=/);
  assert.doesNotMatch(dockerfile, /\bsudo\b/);
  assert.equal(dockerfile.match(/\bPATH=/g)?.length, 1);
  for (const target of ['service', 'debian', 'full']) {
    const [, stage = ''] =
      new RegExp(`^FROM \\S+ AS ${target}\n([\\s\\S]*?)(?=^FROM|(?![\\s\\S]))`, 'm').exec(dockerfile) ?? [];
    assert.match(stage, /^USER crafter$/m, target);
    assert.match(stage, new RegExp(`crafting-table.target="${target}"`));
  }
});

test('every file that the Dockerfile copies is in its context', () => {
  const context = [...text('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
  const copied = [...text('Dockerfile').matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)].flatMap(([, list = '']) =>
    list.split(' '),
  );
  assert.ok(copied.length > 5);
  for (const file of copied) {
    assert.ok(existsSync(join(root, file)), file);
    assert.ok(context.includes(file.split('/')[0]), `${file} is left out by .dockerignore`);
  }
});

test('compose.yml is what the schema of compose files says, and the check sees an unknown key', () => {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  const schemaFaults = (file: string) =>
    linter
      .lintFiles([file], false)
      .flatMap(({ messages }: { messages: { rule: string }[] }) =>
        messages.filter(({ rule }) => rule === 'invalid-schema' || rule === 'invalid-yaml'),
      );
  assert.deepEqual(schemaFaults(join(root, 'compose.yml')), []);
  const broken = join(dir, 'compose.yml');
  writeFileSync(broken, text('compose.yml').replace('  nats:\n', '  nats:\n    imagee: x\n'));
  assert.notDeepEqual(schemaFaults(broken), []);
  assert.doesNotMatch(text('compose.yml'), /^name:/m);
  for (const name of ['seccomp=./services/image/seccomp.json', 'no-new-privileges:true', 'systempaths=unconfined'])
    assert.ok(text('compose.yml').includes(name));
  assert.equal(JSON.parse(text('services/image/seccomp.json')).defaultAction, 'SCMP_ACT_ALLOW');
});

test('scripts of the image can be run and have nothing that shellcheck speaks of', (t) => {
  const scripts = [...globSync('services/image/*.sh', { cwd: root }), 'recipes/register-all'];
  for (const script of scripts) assert.ok(statSync(join(root, script)).mode & 0o100, `${script} cannot be run`);
  if (toolOnPath('shellcheck', process.env) === undefined) return t.skip('shellcheck is not installed');
  execFileSync('shellcheck', scripts, { cwd: root });
});

test('every toolchain has a project to be tried on, finds a defect, and is one line a check for the script', () => {
  assert.equal(toolchains.length, 16);
  assert.deepEqual(
    toolchains.map(({ name }) => name),
    toolchains.map(({ name }) => name).sort(),
  );
  for (const { name, checks } of toolchains) {
    assert.ok(existsSync(join(root, 'services/image/smoke', name)), name);
    assert.ok(
      checks.some(({ finds }) => finds),
      name,
    );
  }
  for (const line of linesForSmoke()) {
    assert.equal(line.split('\x1f').length, 8);
    assert.doesNotMatch(line, /\n/);
  }
});

test('doctor knows of every toolchain which version is there, or what of it is missing', async () => {
  const folder = mkdtempSync(join(dir, 'tools-'));
  writeFileSync(join(folder, 'go'), '#!/bin/sh\necho "go version go1.0 \x1b[1mlinux"\n');
  chmodSync(join(folder, 'go'), 0o755);
  const rows = await toolchainMatrix({ PATH: folder });
  assert.deepEqual(
    rows.filter(({ version }) => version !== null),
    [{ toolchain: 'go', version: 'go version go1.0 linux', missing: [], targets: ['debian', 'full'] }],
  );
  assert.deepEqual(rows.find(({ toolchain }) => toolchain === 'swift')?.missing, ['swift']);
});

test('the key of the log is made once, and only its public half lies in the open', () => {
  const folder = join(dir, 'auth');
  assert.equal(makeNatsKey(folder), true);
  const files = ['nats.conf', 'farm.creds', 'secret.key'].map((name) => join(folder, name));
  const [server = '', creds = '', seal = ''] = files.map((file) => readFileSync(file, 'utf8'));
  assert.equal(makeNatsKey(folder), false);
  assert.equal(readFileSync(join(folder, 'farm.creds'), 'utf8'), creds);
  assert.match(server, /nkey: U[A-Z2-7]{55} /);
  assert.match(server, /sync_interval: always/);
  assert.doesNotMatch(server, /SU[A-Z2-7]{56}/);
  assert.match(creds, /^SU[A-Z2-7]{56}$/m);
  assert.match(seal, /^[0-9a-f]{64}\n$/);
  assert.deepEqual(
    files.map((file) => statSync(file).mode & 0o777),
    [0o644, 0o600, 0o600],
  );
});

test('the list of contents names packages of npm and archives of vendors with their checksums', () => {
  const list = join(dir, 'package-lock.json');
  writeFileSync(list, JSON.stringify({ packages: { '': {}, 'node_modules/@a/b': { version: '1.2.3' } } }));
  assert.deepEqual(
    npm(list).map(({ purl }) => purl),
    ['pkg:npm/%40a/b@1.2.3'],
  );
  assert.deepEqual(npm(join(dir, 'nowhere')), []);
  const folder = mkdtempSync(join(dir, 'vendor-'));
  writeFileSync(join(folder, 'go'), `go\t1.25.9\thttps://go.dev/x\t${'a'.repeat(64)}\n`);
  const [go] = vendors(folder);
  assert.deepEqual([go?.version, go?.hashes], ['1.25.9', [{ alg: 'SHA-256', content: 'a'.repeat(64) }]]);
});

test('a container is well when its API answers, or when it has none', async () => {
  assert.equal(await healthcheck({ CRAFTING_ROLES: 'runner' }), 0);
  assert.equal(await healthcheck({ CRAFTING_PORT: '1' }), 1);
});
