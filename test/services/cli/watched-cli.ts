import type { Cli } from '../../../services/cli/define.ts';

export type WatchedCli = Cli & {
  /** Everything that went to standard output and to standard error. */
  readonly out: () => string;
  readonly err: () => string;
  readonly interrupt: () => void;
  /** What the window is now; tests change its size. */
  readonly terminal: { isTTY: boolean; columns: number; rows: number; colour: boolean };
};

/** A command line of a test's own: nothing of it reaches the process. */
export function watchedCli({
  env = process.env,
  client,
  ...terminal
}: Partial<WatchedCli['terminal'] & Pick<Cli, 'env' | 'client'>> = {}): WatchedCli {
  const [out, err]: string[][] = [[], []];
  const interrupted = new AbortController();
  return {
    env,
    print: (line) => void out?.push(`${line}\n`),
    printError: (line) => void err?.push(`${line}\n`),
    write: (text) => void out?.push(text),
    terminal: { isTTY: false, columns: 80, rows: 24, colour: false, ...terminal },
    input: { isTTY: false, all: async () => '', ask: async () => null },
    client: client ?? (() => Promise.reject(new Error('no service was asked for'))),
    signal: interrupted.signal,
    out: () => out?.join('') ?? '',
    err: () => err?.join('') ?? '',
    interrupt: () => interrupted.abort(),
  };
}
