export type RunOptions = {
  readonly cwd?: string;
  /** All that the program sees of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type Said = { readonly stdout: string; readonly stderr: string };

const usualTimeoutMs = 60_000;
const mostOutput = 64 * 1024 * 1024;

/**
 * Runs a program of this machine to its end, and kills it when it takes too long. Throws what execa throws when it does not
 * end with 0: an error with what it said (`stdout`, `stderr`), and `code` ENOENT for one that is not there. What must be held
 * together as a group of processes has rooms of its own: recipes, git on mirrors, the log's server.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, timeoutMs = usualTimeoutMs, signal }: RunOptions,
): Promise<Said> {
  // Loaded when somebody asks: a start runs no program, and the library is a hundred files.
  const { execa } = await import('execa');
  return execa(file, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env },
    extendEnv: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal ? { cancelSignal: signal } : {}),
    maxBuffer: mostOutput,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
}
