import { type Outside, runCommandLine } from '../../../services/cli/command-line.ts';

export type Said = { code: number; out: string; err: string };

type Settings = {
  readonly env?: Record<string, string>;
  /** Columns of a terminal; without it there is none. */
  readonly columns?: number;
  readonly colour?: boolean;
  /** What is piped in. */
  readonly piped?: string;
  /** What somebody at a terminal answers, one after the other. */
  readonly answers?: readonly string[];
  readonly signal?: AbortSignal;
};

/** Runs a command line in this process, and answers what it said. */
export async function say(args: readonly string[], settings: Settings = {}): Promise<Said> {
  const { env = {}, columns, colour = false, piped = '', answers, signal } = settings;
  const said = { out: '', err: '' };
  const left = [...(answers ?? [])];
  const outside: Outside = {
    env,
    print: (line) => {
      said.out += `${line}\n`;
    },
    printError: (line) => {
      said.err += `${line}\n`;
    },
    write: (text) => {
      said.out += text;
    },
    terminal: { isTTY: columns !== undefined, columns: columns ?? 80, colour },
    input: {
      isTTY: answers !== undefined,
      all: async () => piped,
      ask: async (question) => {
        said.err += question;
        return left.shift() ?? null;
      },
    },
    signal: signal ?? new AbortController().signal,
  };
  return { code: await runCommandLine(args, outside), ...said };
}
