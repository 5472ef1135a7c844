import { Command, CommanderError } from 'commander';
import { isAppError, messageOf } from '../app-error.ts';
import { loadDotEnv } from '../config.ts';
import { version } from '../version.ts';

/** One command line of the farm. The parts behind each command are loaded when it is called. */
function program(): Command {
  const cli = new Command('crafting-table')
    .description('Build, test, lint and audit farm. Every command answers --help.')
    .version(version, '-V, --version', 'show the version')
    .showHelpAfterError('(crafting-table --help lists the commands)')
    .exitOverride();

  cli
    .command('up')
    .description('run the service until it is stopped; configured by CRAFTING_* variables, see .env.example')
    .option('--roles <roles>', 'roles of this process, comma-separated')
    .action(async ({ roles }: { roles?: string }) => {
      const { serve } = await import('../main.ts');
      finish(await serve(roles === undefined ? process.env : { ...process.env, CRAFTING_ROLES: roles }, print));
    });
  cli
    .command('demo')
    .description(
      'build, test, lint and audit a repository once, in a farm of its own: a sample, a local path or a git URL',
    )
    .argument('[repository]', 'path or git URL; without it a small polyglot sample with real defects')
    .option('--keep', 'leave the service running afterwards')
    .option('--json', 'print the result as JSON')
    .option('--branch <branch>', 'branch to run (default: the one that is checked out)')
    .action(async (repository: string | undefined, options: { keep?: boolean; json?: boolean; branch?: string }) => {
      const { demo } = await import('./demo.ts');
      finish(
        await demo(
          {
            repository: repository ?? null,
            keep: options.keep === true,
            json: options.json === true,
            branch: options.branch ?? null,
          },
          print,
        ),
      );
    });
  cli
    .command('parse')
    .description('read the log of a tool from standard input and print its findings as JSON; needs no server')
    .requiredOption('--language <language>', 'language of the subproject, such as rust')
    .requiredOption('--recipe <recipe>', 'build, test, lint or audit')
    .option('--tool <tool>', 'the tool that wrote the log')
    .option('--exit-code <code>', 'exit code of the recipe', '')
    .option('--subproject <path>', 'folder in which the recipe ran', '.')
    .option('--root <folder...>', 'absolute folder that stands for the root of the repository')
    .action(async (options: Record<string, string>) => {
      const { parseStdin } = await import('./parse.ts');
      finish(await parseStdin(options, print));
    });
  cli
    .command('rebuild')
    .description('build the read models anew from the log, beside the serving ones')
    .option('--json', 'print the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { rebuild } = await import('./rebuild.ts');
      finish(await rebuild(process.env, { json: json === true }, print));
    });
  cli
    .command('reparse')
    .description('derive findings again from stored logs with the parsers of today, without running a recipe')
    .requiredOption('--project <name>', 'the project')
    .option('--since <when>', 'only jobs asked for after this sequence of the log or ISO 8601 time')
    .option('--dry-run', 'only report what would change')
    .option('--json', 'print the result as JSON')
    .action(async (options: { project: string; since?: string; dryRun?: boolean; json?: boolean }) => {
      const { reparse } = await import('./reparse.ts');
      finish(await reparse(process.env, options, print));
    });
  cli
    .command('doctor')
    .description('what is installed, how jobs are contained, versions, disk, and how safe the log is')
    .option('--json', 'print the result as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { doctor } = await import('./doctor.ts');
      finish(await doctor(process.env, { json: json === true }, print));
    });
  return cli;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends at once: nothing that a command leaves open may keep it alive; what was printed is written first. */
function finish(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit(code));
}

try {
  process.stdout.on('error', () => process.exit(0));
  loadDotEnv(process.cwd());
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`${isAppError(error) ? error.message : `internal error: ${messageOf(error)}`}\n`);
  process.exit(1);
}
