import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a program lies on the PATH of `env`, without running anything. */
export function toolOnPath(name: string, env: Env): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** How a tool is asked whether it works, where `--version` is not the way; null: it is slow, and being there says enough. */
const questions: Readonly<Record<string, readonly string[] | null>> = {
  cc: null,
  'c++': null,
  go: ['go', 'version'],
  govulncheck: ['govulncheck', '-version'],
  gradle: null,
  java: ['java', '-version'],
  make: null,
  mvn: null,
  npm: null,
  'python3-venv': ['python3', '-c', 'import ensurepip, venv'],
  staticcheck: ['staticcheck', '-version'],
  swift: null,
};

/**
 * Says which tools this machine really has. Being on the PATH is not enough: version managers (pyenv, rustup) put
 * stand-ins there for tools that are not installed, so each is asked for its version, once, all at the same time. A tool
 * is asked under the variables that choose its version in a folder, since a stand-in may lack it for that version alone.
 * @param env the environment that the recipes will run in
 * @param timeoutMs a tool that has not answered by then is there, and nobody knows its version: no answer is no proof
 */
export function machineTools(
  env: Env,
  timeoutMs = 5000,
): (tool: string, under?: Readonly<Record<string, string>>) => Promise<boolean> {
  const answers = new Map<string, Promise<string | undefined>>();
  return async (tool, under = {}) => {
    const [name = '', least] = tool.split(' >= ');
    const key = JSON.stringify([name, under]);
    const answer = answers.get(key) ?? ask(name, { ...env, ...under }, timeoutMs);
    answers.set(key, answer);
    const version = await answer;
    return version !== undefined && (least === undefined || isAtLeast(version, least));
  };
}

async function ask(name: string, env: Env, timeoutMs: number): Promise<string | undefined> {
  const question = questions[name];
  const [program = '', ...args] = question ?? [...name.split(' '), '--version'];
  const file = toolOnPath(program, env);
  if (file === undefined) return undefined;
  return question === null ? '' : await outputOf(file, args, env, timeoutMs);
}

/** What a program printed, nothing when it took too long to say it, or undefined when it failed. */
export function outputOf(
  file: string,
  args: readonly string[],
  env: Env,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const finish = (answer: string | undefined) => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      try {
        // The whole group: a stand-in is a script, and what hangs is its child.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended at this very moment.
      }
      finish('');
    }, timeoutMs);
    const keep = (chunk: string) => {
      if (output.length < 16_384) output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', () => finish(undefined));
    child.on('close', (code) => finish(code === 0 ? output : undefined));
  });
}

/** Whether the first version number in a text is this one or a later one. */
function isAtLeast(text: string, least: string): boolean {
  const numbers = (version: string) => version.split('.').map(Number);
  const have = numbers(/\d+(?:\.\d+)+/.exec(text)?.[0] ?? '');
  for (const [index, want] of numbers(least).entries()) {
    const part = have[index] ?? 0;
    if (part !== want) return part > want;
  }
  return true;
}
