import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf, toolOnPath } from '../detection/tools.ts';
import type { Pin, Toolchain } from './pins.ts';
import { compareVersions, meetsSpecifier, startsWithVersion, versionIn } from './version-met.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What this machine has of what a file asks for. */
export type Verdict = {
  /** In words: `stable, 1.95.0`, `3.11.7`, or `nothing`. */
  readonly has: string;
  /** False: what needs it fails here. Null: it differs or is brought at the first run, which may do. */
  readonly isMet: boolean | null;
  /** What to do about it, or what will happen; null where it is met. */
  readonly advice: string | null;
  /** Variables under which its programs are the ones that a job in that folder gets. */
  readonly env: Readonly<Record<string, string>>;
};

/** Programs that need a toolchain; the others are asked for themselves. */
export const programsOf: Readonly<Partial<Record<Toolchain, RegExp>>> = {
  bun: /^bun$/,
  go: /^(go|golangci-lint|govulncheck|staticcheck|gosec)$/,
  pnpm: /^pnpm$/,
  python: /^(python3?|python3-venv|python3 -m .*|pytest|uv|poetry|pdm|pipenv)$/,
  ruby: /^(ruby|bundle|rake|rspec|rubocop)$/,
  rust: /^(cargo|rustc|rustfmt|cargo-.*)$/,
  yarn: /^yarn$/,
};

const patienceMs = 10_000;
const met = (has: string, env: Verdict['env'] = {}): Verdict => ({ has, isMet: true, advice: null, env });
const open = (has: string, advice: string): Verdict => ({ has, isMet: null, advice, env: {} });
const unmet = (has: string, advice: string): Verdict => ({ has, isMet: false, advice, env: {} });

/**
 * Says for a pin what is there. Programs are run in `/`, never in a checkout, and download nothing.
 * @param env the environment in which the recipes will run
 */
export function toolchainVerdicts(env: Env): (pin: Pin, all: readonly string[]) => Promise<Verdict> {
  const answers = new Map<string, Promise<Verdict>>();
  return (pin, files) => {
    const key = JSON.stringify([pin.toolchain, pin.asks, pin.parts]);
    const answer = answers.get(key) ?? verdictOf(pin, env, files);
    answers.set(key, answer);
    return answer;
  };
}

async function verdictOf(pin: Pin, env: Env, files: readonly string[]): Promise<Verdict> {
  switch (pin.toolchain) {
    case 'rust':
      return rust(pin, env);
    case 'python':
      return python(pin, env);
    case 'go':
      return go(pin, env);
    case 'gradle':
      return gradle(pin, env);
    case 'maven':
      return maven(pin, env);
    case 'yarn':
      return yarn(pin, env, files);
    case 'ruby':
      return ruby(pin, env);
    default:
      return sameMajor(pin, env);
  }
}

async function said(program: string, args: readonly string[], env: Env): Promise<string | null> {
  const file = toolOnPath(program, env);
  return file === undefined ? null : ((await outputOf(file, args, env, patienceMs)) ?? null);
}

/** rustup would fetch a toolchain that it lacks in the middle of a job, and without it plain cargo reads no such file. */
async function rust({ asks, parts = [] }: Pin, env: Env): Promise<Verdict> {
  if (asks.includes('/')) return unmet('nothing', 'it names a folder: name a channel instead');
  const list = await said('rustup', ['toolchain', 'list'], env);
  if (list === null) {
    const version = versionIn((await said('cargo', ['--version'], env)) ?? '');
    if (version === null) return unmet('nothing', 'install rustup: https://rustup.rs');
    return startsWithVersion(version, asks) || !/^\d/.test(asks)
      ? met(version)
      : open(version, 'there is no rustup here, and cargo by itself does not read that file');
  }
  const names = list.split('\n').flatMap((line) => /^[\w.-]+/.exec(line)?.[0] ?? []);
  const name = names.find((one) => one === asks || one.startsWith(`${asks}-`));
  if (name !== undefined) return met(asks, { RUSTUP_TOOLCHAIN: name });
  const own = names.map((one) => one.replace(/-(?:x86_64|aarch64|i686|arm\w*|riscv\w*)-.*$/, '')).join(', ');
  const how = ['rustup toolchain install', asks, ...parts].join(' ');
  return unmet(own || 'nothing', `\`${how}\``);
}

async function python({ asks }: Pin, env: Env): Promise<Verdict> {
  const file = toolOnPath('python3', env);
  const isExact = /^\d/.test(asks);
  if (isExact && file?.includes('/shims/')) {
    const own = { PYENV_VERSION: asks };
    if ((await said('python3', ['--version'], { ...env, ...own })) !== null) return met(asks, own);
    const byUv = await said('uv', ['python', 'find', '--no-python-downloads', asks], env);
    if (byUv !== null) return met(`${asks} by uv`, own);
    const versions = (await said('pyenv', ['versions', '--bare'], env))?.split('\n').filter(Boolean).join(', ');
    return unmet(versions || 'nothing', `\`pyenv install ${asks}\``);
  }
  const version = versionIn((await said('python3', ['--version'], env)) ?? '');
  if (version === null) return unmet('nothing', 'install Python 3');
  const isMet = isExact ? startsWithVersion(version, asks) : meetsSpecifier(version, asks);
  if (isMet === true) return met(version);
  if (isMet === null) return open(version, 'what is asked is not understood here');
  // uv looks for other interpreters by itself, and says whether it has one without a download.
  const found = await said('uv', ['python', 'find', '--no-python-downloads', asks], env);
  if (found !== null) return met(`${version}, and ${asks} by uv`);
  return isExact
    ? open(version, 'uv would fetch it, other programs take this one')
    : unmet(version, 'install a later Python');
}

/** Go fetches a later toolchain by itself, unless it is told to stay (https://go.dev/doc/toolchain). */
async function go({ asks }: Pin, env: Env): Promise<Verdict> {
  const version = versionIn(/go([\d.]+)/.exec((await said('go', ['version'], env)) ?? '')?.[1] ?? '');
  if (version === null) return unmet('nothing', 'install Go');
  if (compareVersions(version, asks) >= 0) return met(version);
  const choice = (await said('go', ['env', 'GOTOOLCHAIN'], env))?.trim() ?? '';
  return /^(auto|path|\S+\+(auto|path))?$/.test(choice)
    ? open(version, 'go fetches it at the first run')
    : unmet(version, `GOTOOLCHAIN is ${choice} here: install that Go, or let it be \`auto\``);
}

async function gradle({ asks }: Pin, env: Env): Promise<Verdict> {
  const name = /([^/]+)\.zip$/.exec(asks)?.[1] ?? asks;
  const home = env['GRADLE_USER_HOME'] ?? join(env['HOME'] ?? '/root', '.gradle');
  if (existsSync(join(home, 'wrapper', 'dists', name))) return met(name);
  return open('nothing', `the wrapper fetches ${name} at the first run`);
}

/** Maven of the machine comes first, and builds what is written for another version of it. */
async function maven({ asks }: Pin, env: Env): Promise<Verdict> {
  if (toolOnPath('mvn', env) !== undefined) return met('mvn of the machine');
  return open('nothing', `the wrapper fetches ${/([^/]+)\.zip$/.exec(asks)?.[1] ?? asks} at the first run`);
}

/** Yarn 1 refuses a project of a later one, unless that lies in the repository or corepack stands in its place. */
async function yarn(pin: Pin, env: Env, files: readonly string[]): Promise<Verdict> {
  const file = toolOnPath('yarn', env);
  const version = versionIn((await said('yarn', ['--version'], env)) ?? '');
  if (file === undefined || version === null) return unmet('nothing', '`npm install --global corepack`');
  const isOwn = files.some((one) => /^\.yarn\/releases\/yarn-[\w.-]+\.c?js$/.test(one));
  if (isOwn || /corepack/.test(realpathSync(file)) || majorOf(version) === majorOf(pin.asks)) return met(version);
  return unmet(version, '`npm install --global corepack && corepack enable`');
}

async function ruby({ asks }: Pin, env: Env): Promise<Verdict> {
  const wanted = asks.replace(/^ruby-/, '');
  if (toolOnPath('ruby', env)?.includes('/shims/')) {
    const own = { RBENV_VERSION: wanted };
    if ((await said('ruby', ['--version'], { ...env, ...own })) !== null) return met(wanted, own);
    return unmet('nothing', `\`rbenv install ${wanted}\``);
  }
  return sameMajor({ toolchain: 'ruby', asks: wanted }, env);
}

/** Nothing here picks another version: the one that is there is used, and a project may do with it or not. */
async function sameMajor({ toolchain, asks }: Pick<Pin, 'toolchain' | 'asks'>, env: Env): Promise<Verdict> {
  const isJava = toolchain === 'java';
  const version = versionIn((await said(toolchain, [isJava ? '-version' : '--version'], env)) ?? '');
  if (version === null) return unmet('nothing', `install ${toolchain} ${asks}`);
  const wanted = versionIn(asks);
  return wanted === null || majorOf(version) === majorOf(wanted)
    ? met(version)
    : open(version, `recipes run with ${version}`);
}

function majorOf(version: string): string {
  return version.replace(/^v/, '').split('.')[0] ?? '';
}
