// Installs what the machine lacks through its own package manager. Plain JavaScript without dependencies, for Node >= 20.
import { find, reasonOf, run, SetUpError } from './plain-tools.mjs';

const advice = {
  git: 'install it with the package manager of this machine',
  'nats-server':
    'install it (Debian, Ubuntu: apt-get install nats-server; macOS: brew install nats-server; others: github.com/nats-io/nats-server/releases), name it in CRAFTING_NATS_SERVER, or point CRAFTING_NATS_URL at a running one',
};

/** By the first package manager that may be used here without asking for a password. */
export async function installPackage(name, { env, say, folders = [] }) {
  const manager = await packageManager(env);
  if (manager === undefined) throw new SetUpError(`${name} is missing: ${advice[name]}.`);
  say(`${name} is missing: installing it with ${manager.name}.`);
  const { prefix, attempts } = manager;
  let outcome = { ok: false, output: '' };
  for (const steps of attempts(name)) {
    for (const step of steps) {
      outcome = await run([...prefix, ...step], { env });
      if (!outcome.ok) break;
    }
    if (outcome.ok) break;
  }
  if (outcome.ok && find(name, env, folders) !== undefined) return;
  throw new SetUpError(`${manager.name} could not install ${name}${reasonOf(outcome.output)}: ${advice[name]}.`);
}

async function packageManager(env) {
  const asRoot = async () => {
    if (process.getuid?.() === 0) return [];
    const sudo = find('sudo', env) !== undefined && (await run(['sudo', '-n', 'true'], { env })).ok;
    return sudo ? ['sudo', '-n'] : undefined;
  };
  if (find('apt-get', env) !== undefined) {
    const prefix = await asRoot();
    const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
    const install = (name) => [...quiet, 'install', '-y', '--no-install-recommends', name];
    // A fresh container has no package lists yet; elsewhere the lists that are there save the slow update.
    const attempts = (name) => [[install(name)], [[...quiet, 'update'], install(name)]];
    if (prefix !== undefined) return { name: 'apt-get', prefix, attempts };
  }
  if (find('apk', env) !== undefined) {
    const prefix = await asRoot();
    if (prefix !== undefined)
      return { name: 'apk', prefix, attempts: (name) => [[['apk', 'add', '--no-cache', name]]] };
  }
  if (find('brew', env) !== undefined) {
    return { name: 'brew', prefix: [], attempts: (name) => [[['brew', 'install', '--quiet', name]]] };
  }
  return undefined;
}
