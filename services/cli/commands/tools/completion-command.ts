import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

export const completionCommand: CommandUnit = (command, does, program) => {
  command.addArgument(command.createArgument('<shell>', 'the shell').choices(shells)).action(
    does(async (cli, shell: (typeof shells)[number]) => {
      const { completionScript } = await import('../../shell-completion.ts');
      completionScript(program, shell, cli);
      return 0;
    }),
  );
  withExamples(command, [
    'completion bash > ~/.local/share/bash-completion/completions/crafting-table',
    'completion fish > ~/.config/fish/completions/crafting-table.fish',
  ]);
  // What those scripts ask, with the words after `--`.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(
      does(async (cli, words: string[]) => {
        const { completeWords } = await import('../../shell-completion.ts');
        await completeWords(program, words, cli);
        return 0;
      }),
    );
};
