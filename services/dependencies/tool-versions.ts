import { toolOnPath } from '../../recipes/detection/tools.ts';
import { runProgram } from '../io/programs/run-program.ts';

/** Programs by a word of a command, with those that decide what they make. */
const asked: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:npm|npx|corepack)$/, ['node', 'npm']],
  [/^(?:pnpm|yarn)$/, ['node', 'pnpm', 'yarn']],
  [/^bun$/, ['bun']],
  [/^(?:python[\d.]*|pip[\d.]*|virtualenv|poetry|pdm|pipenv)$/, ['python3', 'poetry', 'pdm', 'pipenv']],
  [/^uv$/, ['uv', 'python3']],
  [/^(?:bundle|gem)$/, ['ruby', 'bundle']],
  [/^composer$/, ['php', 'composer']],
  [/^go$/, ['go']],
  [/^(?:cargo|rustc)$/, ['rustc', 'cargo']],
  [/^dotnet$/, ['dotnet']],
  [/^(?:mvn|gradle|gradlew|java)$/, ['java', 'mvn']],
];
const keptMs = 60_000;
const patienceMs = 10_000;

/** Says which versions the programs of a command have here, one line each; asked at most once a minute. */
export function toolVersions(env: Readonly<Record<string, string>>, now: () => number) {
  const answers = new Map<string, { at: number; version: Promise<string> }>();
  const versionOf = (program: string): Promise<string> => {
    const kept = answers.get(program);
    if (kept && now() - kept.at < keptMs) return kept.version;
    const version = ask(program, env);
    answers.set(program, { at: now(), version });
    return version;
  };
  return async (command: string): Promise<string[]> => {
    const words = new Set(command.split(/[\s;&|(){}]+/).map((word) => word.slice(word.lastIndexOf('/') + 1)));
    const programs = new Set(asked.flatMap(([word, of]) => ([...words].some((one) => word.test(one)) ? of : [])));
    return Promise.all([...programs].sort().map(async (program) => `${program} ${await versionOf(program)}`));
  };
}

async function ask(program: string, env: Readonly<Record<string, string>>): Promise<string> {
  const file = toolOnPath(program, env);
  if (file === undefined) return 'is not there';
  const args = program === 'go' ? ['version'] : ['--version'];
  const options = { cwd: '/', env: { ...env }, timeoutMs: patienceMs };
  return runProgram(file, args, options).then(
    ({ stdout }) => stdout.trim().slice(0, 500),
    () => 'does not say',
  );
}
