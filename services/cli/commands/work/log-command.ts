import { InvalidArgumentError } from 'commander';
import { printableLines } from '../../../floor/text/printable.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import { exitCodeOfJob } from '../../exit-codes.ts';
import type { ApiClient } from '../../farm/api-client.ts';
import { pathWith, wholeNumber } from '../../farm/api-list.ts';
import { followJob, outcomeLine } from '../../farm/follow-job.ts';
import { withExamples } from '../../print/output-options.ts';
import { paint } from '../../print/paint.ts';

type Options = { follow?: boolean; tail?: number; search?: RegExp; stream?: string };

export const logCommand: CommandUnit = (command, does) => {
  command
    .argument('<job>', 'its id')
    .option('-f, --follow', 'go on until the job is over, and end with its exit code')
    .option('--tail <lines>', 'only the last lines', wholeNumber)
    .option('--search <pattern>', 'only lines that match this regular expression, with their numbers', pattern)
    .addOption(command.createOption('--stream <pipe>', 'only one of the two').choices(['stdout', 'stderr']))
    .action(
      does(async (cli, id: string, { follow, tail, search, stream }: Options) => {
        const api = await cli.client();
        if (follow) {
          const job = await followJob(cli, api, id);
          cli.printError(outcomeLine(cli, job));
          return exitCodeOfJob(job.status);
        }
        const path = pathWith(`/jobs/${encodeURIComponent(id)}/log`, { tail, stream });
        return search ? searched(cli, api, path, search) : whole(cli, api, path);
      }),
    );
  withExamples(command, [
    'log 01m7yqtxktspcs1tbxettq4r8d --tail 50',
    "log 01m7yqtxktspcs1tbxettq4r8d --search 'error|panic'",
    'log 01m7yqtxktspcs1tbxettq4r8d --follow',
  ]);
};

async function whole(cli: Cli, api: ApiClient, path: string): Promise<number> {
  for await (const text of await api.stream(path)) cli.write(cli.terminal.isTTY ? printableLines(text) : text);
  return 0;
}

/** Like grep: exit code 1 when no line matches. */
async function searched(cli: Cli, api: ApiClient, path: string, wanted: RegExp): Promise<number> {
  let found = false;
  let number = 0;
  for await (const line of linesOf(await api.stream(path))) {
    number += 1;
    const shown = printableLines(line);
    if (!wanted.test(shown)) continue;
    found = true;
    cli.print(`${paint(cli, 'green', String(number))}:${shown}`);
  }
  return found ? 0 : 1;
}

/** A line that is longer is cut into lines, so that no log has to fit into the memory. */
const longestLine = 1_048_576;

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > longestLine) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'It must be a regular expression.');
  }
}
