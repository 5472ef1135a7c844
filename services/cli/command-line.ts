import { Command, CommanderError, Option } from 'commander';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { printable } from '../floor/text/printable.ts';
import { version } from '../floor/version.ts';
import { group } from './command-groups.ts';
import type { Cli, CliCommand, Does } from './define.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ApiClient } from './farm/api-client.ts';
import { cliCommands } from './registry.ts';

/** What a command line is given from outside: everything but the service, which its own words name. */
export type Outside = Omit<Cli, 'client'>;

/** Does what the arguments say. Resolves with the exit code; nothing is thrown. */
export async function runCommandLine(given: readonly string[], outside: Outside): Promise<number> {
  const args = given.length > 0 ? given : ['help'];
  let code = 0;
  try {
    const program = await commandLine(outside, args, (ended) => {
      code = ended;
    });
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return explained(error, outside);
  }
}

/** The commands, ready to parse. Those that the arguments name are loaded; the others are names with a summary. */
async function commandLine(outside: Outside, args: readonly string[], ended: (code: number) => void): Promise<Command> {
  const program = new Command('crafting-table')
    .description(
      'Build, test, lint and audit farm that mends what it finds. Every command answers --help with examples.',
    )
    .version(version, '-V, --version', 'show the version')
    .option('--server <url>', 'the service to speak to (also CRAFTING_TABLE_BASE_URL)')
    .option('--profile <name>', 'the profile of `login` to use (also CRAFTING_TABLE_PROFILE)')
    .addOption(new Option('--token [token]').hideHelp())
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(outputOf(outside))
    .exitOverride();
  program.on('option:token', refuseToken);
  let client: Promise<ApiClient> | undefined;
  const cli: Cli = Object.create(outside, {
    client: {
      value: () => {
        client ??= import('./farm/service-meant.ts').then(({ connect }) => connect(outside.env, program.opts()));
        return client;
      },
    },
  });
  const does: Does =
    (run) =>
    async (...args) =>
      ended(await run(cli, ...args));
  for (const { name, heading, summary } of inOrder(cliCommands))
    program.command(name).summary(summary).description(summary).helpGroup(heading).helpCommand(false);
  const at = calledAt(args);
  const called = args[at] ?? '';
  // A shell that completes asks about all of them.
  const wanted = (name: string) =>
    name === called || (called === 'help' && args.includes(name)) || /^complet(e|ion)$/.test(called);
  await Promise.all(
    cliCommands.map(async ({ name, load }) => {
      const command = wanted(name) ? program.commands.find((one) => one.name() === name) : undefined;
      if (command) (await load())(command, does, program);
    }),
  );
  checkNoun(program, called, args[at + 1]);
  return program.addHelpText(
    'after',
    '\nFirst steps:\n  $ crafting-table demo               see it work, in a farm of its own\n  $ crafting-table up                 run the service\n  $ crafting-table login              keep a token for it\n  $ crafting-table help exit-codes    what the exit codes mean',
  );
}

/** By the order of the headings: that of the list is for people who look for a file. */
function inOrder(commands: readonly CliCommand[]): CliCommand[] {
  const headings: readonly string[] = Object.values(group);
  return [...commands].sort((a, b) => headings.indexOf(a.heading) - headings.indexOf(b.heading));
}

/** Where the command stands: at the first word that is no option of the whole program and no value of one. */
function calledAt(args: readonly string[]): number {
  return args.findIndex((arg, at) => !arg.startsWith('-') && !/^--(server|profile)$/.test(args[at - 1] ?? ''));
}

/** Says what a noun has when it is asked for something else; commander would take that for an argument of `list`. */
function checkNoun(program: Command, noun: string, verb: string | undefined): void {
  const verbs = program.commands.find((one) => one.name() === noun)?.commands.map((one) => one.name()) ?? [];
  if (verb === undefined || verb.startsWith('-') || verbs.length === 0 || verbs.includes(verb)) return;
  throw new AppError('invalid', `${noun} has no command ${JSON.stringify(verb)}: it has ${verbs.join(', ')}.`);
}

/** A token on the command line is in the shell's history and in the list of processes, for everybody to read. */
function refuseToken(): never {
  throw new AppError(
    'invalid',
    'There is no --token: what stands on a command line is kept in the history of the shell and shown to other users in the list of processes. Use crafting-table login, CRAFTING_TABLE_TOKEN_FILE or CRAFTING_TABLE_TOKEN.',
  );
}

function outputOf({ write, printError, terminal }: Outside) {
  const width = () => Math.min(terminal.columns, 120);
  return {
    writeOut: write,
    writeErr: (text: string) => printError(text.trimEnd()),
    getOutHelpWidth: width,
    getErrHelpWidth: width,
    getOutHasColors: () => terminal.colour,
    getErrHasColors: () => terminal.colour,
  };
}

/** Says what went wrong on standard error, without a trace, and answers the exit code. */
export function explained(error: unknown, { printError }: Pick<Outside, 'printError'>): number {
  const code = exitCodeOf(error);
  if (code === 130) return code;
  if (!isAppError(error)) {
    printError(`internal error: ${printable(messageOf(error))}`);
    return code;
  }
  for (const line of error.message.split('\n')) printError(printable(line));
  for (const { path, message } of error.faults)
    if (!error.message.includes(message)) printError(`  ${printable(`${path}: ${message}`)}`);
  return code;
}
