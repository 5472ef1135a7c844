import type { Command } from 'commander';
import type { ApiClient } from './farm/api-client.ts';

/** What a command prints: a table for people, one JSON document, or one JSON document a line. */
export type Output = 'table' | 'json' | 'ndjson';

/** Standard output, as a command needs to know it. Getters: a window changes its size. */
export type Terminal = {
  readonly isTTY: boolean;
  /** Characters of a line; 80 where nobody says. */
  readonly columns: number;
  readonly rows?: number;
  /** Whether colours are wanted: a terminal without NO_COLOR, or FORCE_COLOR. */
  readonly colour: boolean;
};

/** Standard input. */
export type Input = {
  readonly isTTY: boolean;
  /** Everything up to the end, for what is piped. Throws AppError when it is longer than 8 MiB. */
  all(): Promise<string>;
  /** One answered line of a terminal; `hidden` does not echo it. Null when the terminal was closed. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | null>;
};

/** Everything that a command may know of the outside: commands never touch `process` themselves, so tests can watch. */
export type Cli = {
  readonly env: NodeJS.ProcessEnv;
  /** One line on standard output. */
  print(line: string): void;
  /** One line on standard error. */
  printError(line: string): void;
  /** Text as it is on standard output, such as a frame of a screen. */
  write(text: string): void;
  readonly terminal: Terminal;
  readonly input: Input;
  /** The service that is asked for, as the token's owner. Throws AppError when nobody says where or who. */
  client(): Promise<ApiClient>;
  /** Aborted by Ctrl-C and SIGTERM. A second one ends the process at once. */
  readonly signal: AbortSignal;
};

/** Turns what a command does into an action of commander; the number is the exit code. */
export type Does = <A extends unknown[]>(
  run: (cli: Cli, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

/** Gives a command its arguments, options and what it does, or a noun its commands. Examples stand in its help. */
export type CommandUnit = (command: Command, does: Does, program: Command) => void;

/** A command as --help lists it. */
export type CliCommand = {
  readonly name: string;
  /** The heading under which it is listed. */
  readonly heading: string;
  readonly summary: string;
  load(): Promise<CommandUnit>;
};
