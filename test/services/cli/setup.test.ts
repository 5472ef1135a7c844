import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, link, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writtenFiles } from '../../recipes/written-files.ts';

const lock = { name: 'clone', lockfileVersion: 3, packages: { '': { name: 'clone' } } };
const files = {
  'package.json': JSON.stringify({ name: 'clone', type: 'module', scripts: { hello: 'node hello.js' } }),
  'package-lock.json': JSON.stringify(lock),
  'hello.js': 'console.log("hello", process.argv.slice(2).join("+"), process.versions.node.split(".")[0] >= 24);',
  'services/cli/main.ts': `
    const args: string[] = process.argv.slice(2);
    if (args[0] === 'wait') {
      let times = 0;
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => { times += 1; setTimeout(() => { console.log(signal, times); process.exit(7); }, 50); });
      }
      setInterval(() => {}, 1000);
    }
    console.log(JSON.stringify({ args, cwd: process.cwd(), pid: process.pid }));
    if (args[0] === 'exit') process.exit(Number(args[1]));
  `,
};

/** What launches must find on the PATH: only these, whatever the machine has. */
async function privatePath(context: TestContext, programs: Record<string, string> = {}): Promise<string> {
  const dir = await writtenFiles(context, programs);
  for (const name of ['env', 'sh', 'cat', 'chmod', 'touch', 'git', 'npm']) {
    const found = (process.env.PATH ?? '').split(':').map((folder) => join(folder, name));
    for (const file of found) {
      if (await stat(file).catch(() => undefined)) {
        await symlink(file, join(dir, name)).catch(() => undefined);
        break;
      }
    }
  }
  await symlink(process.execPath, join(dir, 'node'));
  return dir;
}

/** A clone with the real launcher; `installed` as after a plain `npm ci` of its empty lock file. */
async function clone(context: TestContext, installed = true): Promise<string> {
  const hidden = installed ? { 'node_modules/.package-lock.json': '{"packages":{}}' } : {};
  const root = await writtenFiles(context, { ...files, ...hidden });
  for (const name of ['launch.mjs', 'plain-tools.mjs', 'setup.mjs', 'system-packages.mjs']) {
    await copyFile(new URL(`../../../services/cli/${name}`, import.meta.url), join(root, 'services/cli', name));
  }
  return root;
}

type Launch = { cwd?: string; env: Record<string, string>; node?: string[]; file?: string; program?: string };

function launch(
  context: TestContext,
  root: string,
  args: string[],
  { cwd = root, env, node = [], file, program = process.execPath }: Launch,
) {
  const script = file ?? join(root, 'services/cli/launch.mjs');
  const child = spawn(program, [...node, script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  context.after(() => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  return {
    child,
    said,
    ended,
    /** What was said, once there is a line of it. */
    line: async () => {
      while (!said.out.includes('\n')) await once(child.stdout, 'data');
      return said.out;
    },
  };
}

// As on Node 20, which cannot replace a running program by another.
const withoutExecve = ['--import', 'data:text/javascript,delete process.execve'];

test('a bare clone is installed once, as its lock file says', async (t) => {
  const root = await clone(t, false);
  const env = { PATH: await privatePath(t), HOME: root, CRAFTING_NATS_URL: 'nats://127.0.0.1:1' };
  const first = await launch(t, root, ['--run', 'hello', 'a', 'b c'], { cwd: '/', env }).ended;
  assert.deepEqual([first.code, /^hello .*$/m.exec(first.out)?.[0]], [0, 'hello a+b c true'], first.err);
  assert.match(first.err, /^Installing what package-lock.json says; this happens once\.$/m);
  const second = await launch(t, root, ['exit', '0'], { env }).ended;
  assert.deepEqual([second.code, second.err], [0, '']);
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ ...lock, requires: true }));
  assert.match((await launch(t, root, ['exit', '0'], { env }).ended).err, /^Installing/);
});

test('an installation that the user made is taken as it is when it holds what the lock file says', async (t) => {
  const root = await clone(t);
  const env = { PATH: await privatePath(t), HOME: root };
  assert.equal((await launch(t, root, ['exit', '0'], { env }).ended).err, '');
  await rm(join(root, 'node_modules/.setup-stamp'));
  await writeFile(join(root, 'package-lock.json'), '{');
  const stale = await launch(t, root, ['exit', '0'], { env }).ended;
  assert.equal(stale.code, 78);
  assert.match(stale.err, /^Installing.*\ncrafting-table: npm ci failed in .* \(.*\)\.\n$/);
});

/** An `npm ci` that notes each of its runs and installs a Node, as the real one does, into an emptied node_modules. */
const noting = `#!/bin/sh
echo run >> runs
/bin/rm -rf node_modules
/bin/mkdir -p node_modules/node/bin
cat > node_modules/node/installArchSpecificPackage.js <<'JS'
require('node:fs').symlinkSync(process.execPath, 'bin/node');
JS
`;

test('several first starts at once install once, and the lock of a dead one holds up nobody', async (t) => {
  const root = await clone(t, false);
  const path = await privatePath(t, { npm: noting });
  await chmod(join(path, 'npm'), 0o755);
  const env = { PATH: path, HOME: root };
  await writeFile(join(root, '.setup-lock'), '999999999');
  const ended = await Promise.all([1, 2, 3].map(() => launch(t, root, ['exit', '0'], { env }).ended));
  assert.deepEqual(
    ended.map(({ code }) => code),
    [0, 0, 0],
    ended.map(({ err }) => err).join(''),
  );
  assert.equal(await readFile(join(root, 'runs'), 'utf8'), 'run\n');
  await assert.rejects(stat(join(root, '.setup-lock')), { code: 'ENOENT' });
});

test('a start on the Node of a node_modules that is installed anew goes on with the new one', async (t) => {
  const root = await clone(t, false);
  const path = await privatePath(t, { npm: noting });
  await chmod(join(path, 'npm'), 0o755);
  await mkdir(join(root, 'node_modules/node/bin'), { recursive: true });
  const own = join(root, 'node_modules/node/bin/node');
  await link(process.execPath, own).catch(() => copyFile(process.execPath, own));
  const env = { PATH: path, HOME: root };
  const ended = await launch(t, root, ['exit', '0'], { env, program: own }).ended;
  assert.equal(ended.code, 0, ended.err);
});

test('the arguments, the folder and the exit code are those of the program', async (t) => {
  const root = await clone(t);
  const elsewhere = await writtenFiles(t);
  const alias = join(elsewhere, 'crafting-table');
  await symlink(join(root, 'services/cli/launch.mjs'), alias);
  for (const node of [[], withoutExecve]) {
    const env = { PATH: await privatePath(t), HOME: root };
    const ended = await launch(t, root, ['exit', '9', 'a b'], { cwd: elsewhere, env, node, file: alias }).ended;
    assert.equal(ended.code, 9, ended.err);
    const { args, cwd } = JSON.parse(ended.out);
    assert.deepEqual([args, cwd], [['exit', '9', 'a b'], elsewhere]);
  }
});

test('a signal reaches the program once', async (t) => {
  const root = await clone(t);
  for (const node of [[], withoutExecve]) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const running = launch(t, root, ['wait'], { env: { PATH: await privatePath(t), HOME: root }, node });
      const { pid } = JSON.parse(await running.line());
      assert.equal(pid === running.child.pid, node.length === 0);
      running.child.kill(signal);
      const { code, out } = await running.ended;
      assert.deepEqual([code, out.trim().split('\n').at(-1)], [7, `${signal} 1`]);
    }
  }
});

test('a launcher that is killed takes the program with it', async (t) => {
  const root = await clone(t);
  const running = launch(t, root, ['wait'], { env: { PATH: await privatePath(t), HOME: root }, node: withoutExecve });
  await running.line();
  running.child.kill('SIGKILL');
  // The pipe closes when the last process that holds it, the program, has ended.
  assert.match((await running.ended).out, /^SIGTERM 1$/m);
});

test('a program that dies of a signal makes the launcher die of the same', async (t) => {
  const root = await clone(t);
  const running = launch(t, root, ['wait'], { env: { PATH: await privatePath(t), HOME: root }, node: withoutExecve });
  const { pid } = JSON.parse(await running.line());
  process.kill(pid, 'SIGKILL');
  assert.equal((await running.ended).signal, 'SIGKILL');
});

/** Runs set-up as a user without nats-server: only the PATH is searched, not the machine's own folders. */
async function setUpAlone(t: TestContext, PATH: string, more: Record<string, string> = {}, cwd?: string) {
  const root = await clone(t);
  const script = `
    const { setUp } = await import(${JSON.stringify(`file://${root}/services/cli/setup.mjs`)});
    const say = (line) => console.log(line);
    try {
      const { env } = await setUp({ root: ${JSON.stringify(root)}, env: process.env, needsServer: true, say, folders: [process.env.FURTHER ?? '/none'] });
      console.log('ready ' + env.CRAFTING_NATS_SERVER + env.PATH.slice(process.env.PATH.length));
    } catch (error) {
      console.log(error.constructor.name, error.message);
    }`;
  await writeFile(join(root, 'alone.mjs'), script);
  const env = { PATH, HOME: root, ...more };
  return (await launch(t, root, [], { env, file: join(root, 'alone.mjs'), cwd: cwd ?? root }).ended).out
    .trim()
    .split('\n');
}

test('without nats-server and without a package manager, one sentence says how to get it', async (t) => {
  const lines = await setUpAlone(t, await privatePath(t));
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /^SetUpError nats-server is missing: install it \(.*apt-get install nats-server.*CRAFTING_NATS_URL.*\.$/,
  );
});

const works = '#!/bin/sh\n';

test('nats-server is installed by the package manager, after its lists were fetched where it has none', async (t) => {
  const apt = `#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >> "$HOME/calls"
case "$*" in
  *update) touch "$HOME/lists";;
  *nats-server) [ -f "$HOME/lists" ] || { echo "E: Unable to locate package nats-server" >&2; exit 100; }
    echo '#!/bin/sh' > "\${0%/*}/nats-server"; chmod +x "\${0%/*}/nats-server";;
esac
`;
  const home = await writtenFiles(t);
  const sudo = '#!/bin/sh\n[ "$1" = -n ] && shift\n[ "$1" = true ] && exit\nexec "$@"\n';
  const PATH = await privatePath(t, { 'apt-get': apt, sudo });
  const lines = await setUpAlone(t, PATH, { HOME: home });
  assert.deepEqual(lines, ['nats-server is missing: installing it with apt-get.', 'ready undefined']);
  const calls = (await readFile(join(home, 'calls'), 'utf8')).trim().split('\n');
  assert.deepEqual(
    calls.map((call) => call.split(' ').filter((word) => !word.startsWith('-') && !word.includes('::'))),
    [
      ['noninteractive', 'install', 'nats-server'],
      ['noninteractive', 'update'],
      ['noninteractive', 'install', 'nats-server'],
    ],
  );
});

test('a package manager that fails is named with its reason and with the other ways', async (t) => {
  const sudo = '#!/bin/sh\n[ "$1" = -n ] && shift\n[ "$1" = true ] && exit\nexec "$@"\n';
  const PATH = await privatePath(t, { 'apt-get': '#!/bin/sh\necho "E: No network" >&2\nexit 100\n', sudo });
  const lines = await setUpAlone(t, PATH);
  assert.match(lines[1] ?? '', /^SetUpError apt-get could not install nats-server \(No network\): install it \(.*\.$/);
});

test('brew is used where it is the package manager', async (t) => {
  const brew = `#!/bin/sh\n[ "$*" = "install --quiet nats-server" ] && echo '#!/bin/sh' > "\${0%/*}/nats-server" && chmod +x "\${0%/*}/nats-server"\n`;
  const lines = await setUpAlone(t, await privatePath(t, { brew }));
  assert.deepEqual(lines, ['nats-server is missing: installing it with brew.', 'ready undefined']);
});

test('nats-server is not looked for when the log is elsewhere, by the environment or by .env', async (t) => {
  const PATH = await privatePath(t);
  assert.deepEqual(await setUpAlone(t, PATH, { CRAFTING_NATS_URL: 'nats://elsewhere' }), ['ready undefined']);
  const cwd = await writtenFiles(t, { '.env': '# ours\nCRAFTING_NATS_URL=nats://elsewhere\n' });
  assert.deepEqual(await setUpAlone(t, PATH, {}, cwd), ['ready undefined']);
});

test('a server beside the PATH is told to the program and put on the PATH of scripts, and one that is named must be there', async (t) => {
  const further = await writtenFiles(t, { 'nats-server': works });
  const PATH = await privatePath(t);
  assert.deepEqual(await setUpAlone(t, PATH, { FURTHER: further }), [
    `ready ${join(further, 'nats-server')}:${further}`,
  ]);
  assert.deepEqual(await setUpAlone(t, PATH, { CRAFTING_NATS_SERVER: join(further, 'nats-server') }), [
    `ready ${join(further, 'nats-server')}`,
  ]);
  const [line] = await setUpAlone(t, PATH, { CRAFTING_NATS_SERVER: '/nowhere' });
  assert.equal(line, 'SetUpError CRAFTING_NATS_SERVER should name the nats-server program, but /nowhere is none.');
});
