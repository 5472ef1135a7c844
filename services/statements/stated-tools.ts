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

async function ask(name: string, program: string, args: readonly string[], env: Env) {
  const file = toolOnPath(program, env);
  if (file === undefined) return [];
  const said = await runProgram(file, args, { cwd: '/', env, timeoutMs: 10_000 }).catch(() => null);
  const lines = `${said?.stdout ?? ''}\n${said?.stderr ?? ''}`.split('\n').map((line) => line.trim());
  const line = lines.find((one) => /\d+\.\d/.test(one));
  return line === undefined ? [] : [{ program: name, version: line.slice(0, 200) }];
}
