import type { Command } from 'commander';
import { AppError } from '../../../floor/app-error.ts';
import type { CommandUnit } from '../../define.ts';
import { exitCodes } from '../../exit-codes.ts';

const exitCodesTopic = [
  'Exit codes of crafting-table:',
  '',
  ...Object.entries(exitCodes).map(([code, means]) => `  ${code.padStart(3)}  ${means}`),
];

export const helpCommand: CommandUnit = (command, does, program) => {
  command.argument('[words...]', 'a command, such as `projects add`, or a topic').action(
    does(async ({ print }, words: string[]) => {
      if (words[0] === 'exit-codes') for (const line of exitCodesTopic) print(line);
      else commandOf(program, words).outputHelp();
      return 0;
    }),
  );
};

function commandOf(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => {
    const found = command.commands.find((one) => one.name() === word);
    if (found) return found;
    const known = command.commands.map((one) => one.name());
    throw new AppError(
      'invalid',
      `There is no help on ${JSON.stringify(word)}; there is ${known.join(', ')}, exit-codes.`,
    );
  }, program);
}
