import { statSync } from 'node:fs';
import { tools } from '../../parsers/tools/registry.ts';
import { toolOnPath } from '../../recipes/detection/tools.ts';
import { runProgram } from '../io/programs/run-program.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What runs tools and builds, which is no tool of its own; asked with these words. */
const runtimes: Readonly<Record<string, readonly string[]>> = {
  bundle: ['--version'],
  cargo: ['--version'],
  dotnet: ['--version'],
  go: ['version'],
  make: ['--version'],
  mvn: ['--version'],
  node: ['--version'],
  npm: ['--version'],
  perl: ['-e', 'print $^V'],
  php: ['--version'],
  python3: ['--version'],
  ruby: ['--version'],
};

const asking = tools.filter(({ version }) => version !== undefined);

/** How programs of recipes are asked for their versions; others are not run. */
const asked: Readonly<Record<string, readonly string[]>> = {
  ...runtimes,
  ...Object.fromEntries(asking.flatMap(({ programs, version = '' }) => programs.map((one) => [one, [version]]))),
};

const pythonModules = new Set(asking.filter(({ languages }) => languages.includes('python')).map(({ name }) => name));

/** What the programs that these commands name say of themselves, on this machine. */
export async function toolVersions(
  commands: readonly string[],
  env: Env,
): Promise<{ program: string; version: string }[]> {
  const text = commands.join('\n');
  const words = new Set(text.split(/[\s;&|()"'`]+/).map((word) => word.replace(/^.*\//, '')));
  const programs = Object.keys(asked).filter((name) => words.has(name));
  const modules = [...text.matchAll(/\bpython3?\s+(?:-[A-Za-z]\s+)*-m\s+(\w+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => pythonModules.has(name));
  const found = await Promise.all([
    ...programs.map((program) => ask(program, program, asked[program] ?? [], env)),
    ...[...new Set(modules)].map((name) => ask(name, 'python3', ['-m', name, '--version'], env)),
  ]);
  return [...new Map(found.flat().map((one) => [one.program, one])).values()].sort((a, b) =>
    a.program < b.program ? -1 : 1,
  );
}

type Kept = { readonly at: number; readonly said: ReturnType<typeof outputOf> };

/** Answers of the last minute: each proof asks again, and ESLint alone takes 0.3 s of computing to say its version. */
const answers = new Map<string, Kept>();
const keptMs = 60_000;
const mostKept = 100;

function outputOf(file: string, args: readonly string[], env: Env) {
  return runProgram(file, args, { cwd: '/', env, timeoutMs: 10_000 }).catch(() => null);
}

/** The same, or what the same file said within the last minute; one that was replaced is asked at once. */
function recentOutput(file: string, args: readonly string[], env: Env): Kept['said'] {
  const found = statSync(file, { throwIfNoEntry: false });
  const key = JSON.stringify([file, args, env['PATH'], env['HOME'], found?.ino, found?.size, found?.ctimeMs]);
  const now = performance.now();
  const kept = answers.get(key);
  if (kept && now - kept.at < keptMs) return kept.said;
  if (answers.size >= mostKept) answers.clear();
  const said = outputOf(file, args, env);
  answers.set(key, { at: now, said });
  // What did not answer may do so the next time.
  void said.then((one) => {
    if (one === null) answers.delete(key);
  });
  return said;
}

async function ask(name: string, program: string, args: readonly string[], env: Env) {
  const file = toolOnPath(program, env);
  if (file === undefined) return [];
  const said = await recentOutput(file, args, env);
  const lines = `${said?.stdout ?? ''}\n${said?.stderr ?? ''}`.split('\n').map((line) => line.trim());
  const line = lines.find((one) => /\d+\.\d/.test(one));
  return line === undefined ? [] : [{ program: name, version: line.slice(0, 200) }];
}
