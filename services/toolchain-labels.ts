import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toolOnPath } from '../recipes/detection/tools.ts';
import { askProgram } from './io/programs/ask-program.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Probe = {
  readonly program: string;
  /** How it is asked for its version; null: it is slow, and being there says enough. */
  readonly args: readonly string[] | null;
  readonly label: string;
  /** Whether the major version makes a second label, such as `jdk17` beside `jdk`. */
  readonly numbered?: boolean;
};

const probes: readonly Probe[] = [
  { program: 'bun', args: ['--version'], label: 'bun' },
  { program: 'cargo', args: ['--version'], label: 'rust' },
  { program: 'cc', args: ['--version'], label: 'c' },
  { program: 'cmake', args: null, label: 'cmake' },
  { program: 'dotnet', args: ['--version'], label: 'dotnet', numbered: true },
  { program: 'go', args: ['version'], label: 'go' },
  { program: 'gradle', args: null, label: 'gradle' },
  { program: 'javac', args: ['-version'], label: 'jdk', numbered: true },
  { program: 'kotlinc', args: null, label: 'kotlin' },
  { program: 'mvn', args: null, label: 'maven' },
  { program: 'node', args: ['--version'], label: 'node', numbered: true },
  { program: 'php', args: ['--version'], label: 'php' },
  { program: 'python3', args: ['--version'], label: 'python3' },
  { program: 'ruby', args: ['--version'], label: 'ruby' },
  { program: 'swift', args: null, label: 'swift' },
];

/**
 * The toolchains that recipes with this environment find, as labels such as `go`, `jdk`, `jdk17`. Each is asked for its
 * version: version managers put stand-ins on the PATH for what is not installed.
 */
export async function toolchainLabels(env: Env): Promise<string[]> {
  const found = await Promise.all(probes.map((probe) => labelsOf(probe, env)));
  return found.flat().sort();
}

async function labelsOf({ program, args, label, numbered = false }: Probe, env: Env): Promise<string[]> {
  const file = toolOnPath(program, env);
  if (file === undefined) return [];
  const said = args === null ? '' : ((label === 'jdk' ? releaseOf(file) : null) ?? (await outputOf(file, args, env)));
  if (said === null) return [];
  const major = /(\d+)\.\d/.exec(said)?.[1] ?? /\b(\d+)\b/.exec(said)?.[1];
  return numbered && major ? [label, `${label}${major}`] : [label];
}

/** What a JDK says of itself in its file `release`: to start it costs a third of a second. Null of what is none, such as a stand-in. */
function releaseOf(javac: string): string | null {
  try {
    const text = readFileSync(join(dirname(realpathSync(javac)), '..', 'release'), 'utf8');
    return /^JAVA_VERSION="(\d[\w.+-]{0,40})"$/m.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

async function outputOf(file: string, args: readonly string[], env: Env): Promise<string | null> {
  const said = await askProgram(file, args, { env });
  return said && (said.stdout || said.stderr);
}
