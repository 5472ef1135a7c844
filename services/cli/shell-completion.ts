import { type Command as Completed, RootCommand } from '@bomb.sh/tab';
import type { Command } from 'commander';
import type { Cli } from './define.ts';

type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** Whoever presses a key does not wait longer for a service, in ms. */
const longestWaitMs = 700;

const programName = 'crafting-table';

// The one of the library hands the typed words to `eval`, which would run a `$(…)` among them at the press of a key.
const bashScript = `# bash completion for crafting-table
_crafting_table() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in :*) continue ;; esac
    line="\${line%%$'\\t'*}"
    case "$line" in "$current"*) COMPREPLY+=("$line") ;; esac
  done < <(crafting-table complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _crafting_table crafting-table`;

/** Prints the script of a shell. It calls the program with `complete -- WORDS`. */
export function completionScript(program: Command, shell: Shell, { print }: Pick<Cli, 'print'>): void {
  if (shell === 'bash') print(bashScript);
  else completionOf(program, []).setup(programName, programName, shell);
}

/** Prints what can stand next, one a line, as the scripts of the shells read it. */
export async function completeWords(program: Command, words: readonly string[], cli: Cli): Promise<void> {
  completionOf(program, takesProject(program, words) ? await projectNames(cli) : []).parse([...words]);
}

// The adapter for commander adds commands to the program and keeps what it read in the module. This reads and leaves.
function completionOf(program: Command, projects: readonly string[]): RootCommand {
  const root = new RootCommand();
  addOptions(root, program, projects);
  for (const [path, command] of commandsBelow(program)) {
    const completed = root.command(path, command.summary() || command.description());
    // A noun without a verb is its first verb.
    for (const one of [command, command.commands[0]]) if (one) addOptions(completed, one, projects);
    for (const argument of command.registeredArguments) {
      const choices = argument.name() === 'project' ? projects : (argument.argChoices ?? []);
      completed.argument(argument.name(), offer(choices), argument.variadic);
    }
  }
  return root;
}

function commandsBelow(command: Command, above = ''): [path: string, command: Command][] {
  const shown = command.createHelp().visibleCommands(command);
  return shown.flatMap((one) => {
    const path = `${above}${one.name()}`;
    return [[path, one], ...commandsBelow(one, `${path} `)];
  });
}

function addOptions(completed: Completed, command: Command, projects: readonly string[]): void {
  for (const { long, short, description, required, optional, argChoices } of command
    .createHelp()
    .visibleOptions(command)) {
    if (!long) continue;
    const choices = long === '--project' && required ? projects : (argChoices ?? []);
    const alias = short?.slice(1);
    if (required || optional) completed.option(long.slice(2), description, offer(choices), alias);
    else completed.option(long.slice(2), description, alias);
  }
}

function offer(choices: readonly string[]) {
  return (complete: (value: string, description: string) => void) => {
    for (const choice of choices) complete(choice, '');
  };
}

/** Whether a project can stand where the last word begins. */
function takesProject(program: Command, words: readonly string[]): boolean {
  if (words.at(-2) === '--project') return true;
  return commandsBelow(program).some(
    ([path, { registeredArguments }]) =>
      words.join(' ').startsWith(`${path} `) && registeredArguments.some((argument) => argument.name() === 'project'),
  );
}

/** Names of the caller's projects; none when the service does not answer at once. */
async function projectNames(cli: Cli): Promise<string[]> {
  const late = Promise.withResolvers<string[]>();
  setTimeout(() => late.resolve([]), longestWaitMs).unref();
  const asked = cli
    .client()
    .then((api) => api.get<{ projects: { name: string }[] }>('/projects?limit=100'))
    .then(({ projects }) => projects.map(({ name }) => name));
  return Promise.race([asked, late.promise]).catch(() => []);
}
