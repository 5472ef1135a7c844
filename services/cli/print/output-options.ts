import type { Command } from 'commander';
import type { Cli, Output } from '../define.ts';

export type OutputOptions = { readonly output?: Output; readonly json?: boolean };

const formats: readonly Output[] = ['table', 'json', 'ndjson'];

/** Gives a command `-o table|json|ndjson`, and `--json` for short. */
export function withOutput(command: Command, known: readonly Output[] = formats): Command {
  const option = command.createOption('-o, --output <format>', 'how to print the result').choices(known);
  return command.addOption(option).option('--json', 'the same as -o json');
}

export function outputOf({ output, json }: OutputOptions): Output {
  return output ?? (json === true ? 'json' : 'table');
}

/** A value as JSON. What could steer a terminal is written as an escape, which reads the same. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(/[\x7f-\x9f]|\p{Cf}/gu, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** One document: over several lines for people, on one for programs. */
export function printJson(cli: Pick<Cli, 'print' | 'terminal'>, value: unknown): void {
  cli.print(jsonText(value, cli.terminal.isTTY ? 2 : undefined));
}

/** Examples below the help of a command. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((one) => `  $ crafting-table ${one}`).join('\n')}`);
}
