// What a bare clone needs before the program can run. Plain JavaScript without dependencies, for Node >= 20; when all
// is in place it only looks at files, so that every later start stays fast.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { find, isProgram, readText, reasonOf, run, SetUpError } from './plain-tools.mjs';
import { installPackage } from './system-packages.mjs';

const nodeMajor = 24;

/** Where packages put programs that a user's PATH may leave out (Debian's /usr/sbin, Homebrew's folder). */
const furtherFolders = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
];

/**
 * Installs what is missing, and answers with the Node to run on and the environment for it.
 * @param {{ root: string, env: NodeJS.ProcessEnv, needsServer: boolean, say: (line: string) => void,
 *   folders?: readonly string[] }} deps `folders` are searched for nats-server after the PATH
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function setUp({ root, env, needsServer, say, folders = furtherFolders }) {
  if (find('git', env) === undefined) await installPackage('git', { env, say });
  const server = needsServer ? await natsServer({ env, say, folders }) : undefined;
  const node = await withLock({ root, say }, async () => {
    await installDependencies({ root, env, say });
    return nodeBinary({ root, env, say });
  });
  if (server === undefined) return { node, env };
  // What the scripts of package.json start looks for it on the PATH.
  const path = [env.PATH, dirname(server)].filter(Boolean).join(delimiter);
  return { node, env: { ...env, CRAFTING_NATS_SERVER: server, PATH: path } };
}

/**
 * One set-up at a time in a clone: a second one would pull out from under the first what it has just installed. Nothing
 * is locked when there is nothing to do.
 */
async function withLock({ root, say }, work) {
  if (isSetUp(root)) return work();
  const lock = join(root, '.setup-lock');
  for (let waited = false; !take(lock); waited = true) {
    if (!waited) say('Waiting for another set-up of this clone to end.');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Takes the lock; one that was left by a process that is gone counts for nothing. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST')
      throw new SetUpError(`${lock} cannot be written (${error.code}): the project sets itself up in its own folder.`);
  }
  try {
    process.kill(Number(readText(lock)), 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}

/** The server's path where the service would not find it by itself; undefined when it needs no telling. */
async function natsServer({ env, say, folders }) {
  // The service reads .env in the folder it is started in, and so these two may stand there.
  const dotEnv = readText('.env') ?? '';
  const setting = (name) =>
    env[name] ?? new RegExp(`^\\s*(?:export\\s+)?${name}=["']?([^"'\\s#]*)`, 'm').exec(dotEnv)?.[1];
  if (setting('CRAFTING_NATS_URL')) return undefined;
  const named = setting('CRAFTING_NATS_SERVER');
  if (named) {
    if (named.includes('/') ? isProgram(named) : find(named, env) !== undefined) return undefined;
    throw new SetUpError(`CRAFTING_NATS_SERVER should name the nats-server program, but ${named} is none.`);
  }
  if (find('nats-server', env) === undefined && find('nats-server', env, folders) === undefined) {
    await installPackage('nats-server', { env, say, folders });
  }
  return find('nats-server', env) === undefined ? find('nats-server', env, folders) : undefined;
}

function stampOf(root) {
  return join(root, 'node_modules/.setup-stamp');
}

/** What the stamp holds once all is in place. */
function wantedStamp(root) {
  const lock = readText(join(root, 'package-lock.json'));
  if (lock === undefined)
    throw new SetUpError(`${root} holds no package-lock.json: this is not a complete copy of the project.`);
  // The Node that runs this is no part of it: nothing in node_modules is built for one, and it changes from the
  // machine's to the project's between the first start and the second.
  return { lock, wanted: `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}` };
}

function isSetUp(root) {
  const hasNode = ownNode() !== undefined || isProgram(join(root, 'node_modules/node/bin/node'));
  return hasNode && readText(stampOf(root))?.trim() === wantedStamp(root).wanted;
}

/** The Node that runs this, if it will do and is still there: it may lie in the node_modules that npm has just emptied. */
function ownNode() {
  const newEnough = Number(process.versions.node.split('.')[0]) >= nodeMajor;
  return newEnough && isProgram(process.execPath) ? process.execPath : undefined;
}

/** Makes node_modules what the lock file says. The stamp, written last, says that it was done whole. */
async function installDependencies({ root, env, say }) {
  const stamp = stampOf(root);
  const { lock, wanted } = wantedStamp(root);
  if (readText(stamp)?.trim() === wanted) return;
  if (existsSync(stamp) || !holds(join(root, 'node_modules/.package-lock.json'), lock)) {
    say('Installing what package-lock.json says; this happens once.');
    // Without install scripts: the one that matters runs below, the others would compile what is there prebuilt.
    await npm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'], { root, env });
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, `${wanted}\n`);
}

/** Whether a user's own `npm ci` has put there what the lock file says (packages for other platforms left out). */
function holds(installedFile, lock) {
  try {
    const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
    const wanted = Object.entries(JSON.parse(lock).packages).filter(([path]) => path !== '');
    return wanted.every(([path, { version, optional }]) =>
      installed[path] === undefined ? optional === true : installed[path].version === version,
    );
  } catch {
    return false;
  }
}

async function nodeBinary({ root, env, say }) {
  const own = ownNode();
  if (own !== undefined) return own;
  const folder = join(root, 'node_modules/node');
  const node = join(folder, 'bin/node');
  if (isProgram(node)) return node;
  const advised = `install Node ${nodeMajor} or newer on this machine`;
  const installer = join(folder, 'installArchSpecificPackage.js');
  if (!existsSync(installer)) throw new SetUpError(`The project needs Node ${nodeMajor}: ${advised}.`);
  say(`Fetching Node ${nodeMajor} for this project (this machine's is ${process.version}).`);
  // The package's own install script, called by hand: whether npm runs scripts at all depends on its version and
  // settings. It hard-links the binary of the platform's package to bin/node.
  const anyNode = isProgram(process.execPath) ? process.execPath : find('node', env);
  if (anyNode === undefined)
    throw new SetUpError('The Node that ran this was replaced: start it once more with a Node of this machine.');
  const outcome = await run([anyNode, installer], { cwd: folder, env });
  if (!outcome.ok || !isProgram(node)) {
    throw new SetUpError(
      `Node ${nodeMajor} could not be fetched${reasonOf(outcome.output)}: check the network, or ${advised}.`,
    );
  }
  // It is there, and yet for another C library on some systems (Alpine).
  if (!(await run([node, '--version'], { env })).ok)
    throw new SetUpError(`The fetched Node does not run on this system: ${advised}.`);
  return node;
}

async function npm(args, { root, env }) {
  if (find('npm', env) === undefined) throw new SetUpError('npm is missing: install it (it usually comes with Node).');
  const outcome = await run(['npm', ...args], { cwd: root, env });
  if (!outcome.ok) throw new SetUpError(`npm ${args[0]} failed in ${root}${reasonOf(outcome.output)}.`);
}
