import type { Command } from 'commander';
import type { JobDoc } from '../../../../projections/jobs/jobs.ts';
import { printableLines } from '../../../floor/text/printable.ts';
import type { CommandUnit, Does } from '../../define.ts';
import { atOption, type PageOptions, pathWith, printList, withPaging } from '../../farm/api-list.ts';
import { jobColumns, showJob } from '../../print/job-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type ListOptions = PageOptions & OutputOptions & { project?: string; status?: string; at?: string };

const statuses = ['queued', 'running', 'parsing', 'succeeded', 'failed', 'cancelled'];
const shownLines = 20;
const pathOf = (id: string) => `/jobs/${encodeURIComponent(id)}`;

export const jobsCommand: CommandUnit = (jobs, does) => {
  const list = jobs.command('list', { isDefault: true });
  withPaging(list)
    .description('your jobs, newest first; all of them for an admin')
    .option('--project <name>', 'only of this project')
    .addOption(list.createOption('--status <status>', 'only those').choices(statuses))
    .option(...atOption)
    .action(
      does((cli, { project, status, at, ...options }: ListOptions) => {
        const path = pathWith('/jobs', { project, status, at });
        return printList(cli, { path, key: 'jobs', columns: jobColumns, none: 'No jobs.' }, options);
      }),
    );
  withOutput(jobs.command('show'), ['table', 'json'])
    .description(`one job, with the last ${shownLines} lines of its log`)
    .argument('<job>', 'its id')
    .option(...atOption)
    .action(
      does(async (cli, id: string, { at, ...options }: OutputOptions & { at?: string }) => {
        const path = pathWith(pathOf(id), { at });
        const answer = await (await cli.client()).get<{ job: JobDoc; log_tail: string[] }>(path);
        if (outputOf(options) === 'json') {
          printJson(cli, answer);
          return 0;
        }
        showJob(cli, answer.job);
        if (answer.log_tail.length > 0) cli.print('');
        for (const line of answer.log_tail.slice(-shownLines)) cli.print(printableLines(line));
        return 0;
      }),
    );
  registerActions(jobs, does);
  withExamples(jobs, [
    'jobs --project shop --status failed',
    'jobs show 01m7yqtxktspcs1tbxettq4r8d',
    'jobs rerun 01m7yqtxktspcs1tbxettq4r8d --follow',
  ]);
};

function registerActions(jobs: Command, does: Does): void {
  withOutput(jobs.command('cancel'), ['table', 'json'])
    .description('cancel a queued or running job')
    .argument('<job>', 'its id')
    .action(
      does(async (cli, id: string, options: OutputOptions) => {
        const { job } = await (await cli.client()).post<{ job: JobDoc }>(`${pathOf(id)}/cancel`, {});
        if (outputOf(options) === 'json') printJson(cli, { job });
        else cli.print(`job ${job.job_id} is being cancelled; it was ${job.status}`);
        return 0;
      }),
    );
  withOutput(jobs.command('rerun'), ['table', 'json'])
    .description('run the same recipe at the same commit again')
    .argument('<job>', 'its id')
    .option('-f, --follow', 'show its log, and end with its exit code')
    .action(
      does(async (cli, id: string, { follow, ...options }: OutputOptions & { follow?: boolean }) => {
        const { job } = await (await cli.client()).post<{ job: JobDoc }>(`${pathOf(id)}/rerun`, {});
        const { saidJobs } = await import('../../farm/run-project.ts');
        return saidJobs(cli, [job], { follow: follow === true, output: outputOf(options) });
      }),
    );
}
