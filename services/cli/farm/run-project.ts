import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { AppError } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import type { Cli, Output } from '../define.ts';
import { exitCodeOfJob } from '../exit-codes.ts';
import { findingColumns } from '../print/finding-table.ts';
import { fitTable } from '../print/fit-table.ts';
import { groupedFindings } from '../print/grouped-findings.ts';
import { jobColumns } from '../print/job-table.ts';
import { jsonText, printJson } from '../print/output-options.ts';
import { paint } from '../print/paint.ts';
import type { ApiClient } from './api-client.ts';
import { followJob, outcomeLine } from './follow-job.ts';

export type RunOptions = {
  readonly subproject?: string;
  readonly branch?: string;
  readonly sha?: string;
  readonly priority?: string;
};
type Showing = { readonly follow: boolean; readonly output: Output };

const shownFindings = 100;
const recipeNames = ['build', 'test', 'lint', 'audit'] as const;

/** Asks for a recipe of a project, or for each that it has, and shows the jobs. */
export async function runProject(
  cli: Cli,
  { project, recipes }: { project: string; recipes: readonly string[] },
  options: RunOptions,
  showing: Showing,
): Promise<number> {
  const api = await cli.client();
  const path = `/projects/${encodeURIComponent(project)}`;
  const wanted = recipes.length > 0 ? recipes : await recipesOf(api, path, options);
  const jobs: JobDoc[] = [];
  for (const recipe of wanted)
    jobs.push(...(await api.post<{ jobs: JobDoc[] }>(`${path}/jobs`, { recipe, ...options })).jobs);
  return saidJobs(cli, jobs, showing);
}

/** Shows jobs that were asked for: their log and their end with `follow`, else what they are. */
export async function saidJobs(cli: Cli, jobs: readonly JobDoc[], { follow, output }: Showing): Promise<number> {
  const shown = follow ? await followed(cli, jobs, output !== 'table') : jobs;
  if (shown === null) return 130;
  if (output === 'json') printJson(cli, { jobs: shown });
  if (output === 'ndjson') for (const job of shown) cli.print(jsonText(job));
  if (follow) return worstOf(shown);
  if (output === 'table') {
    cli.print(fitTable(cli, jobColumns, shown));
    cli.printError(`Follow it: crafting-table log ${jobs[0]?.job_id} --follow`);
  }
  return 0;
}

async function recipesOf(api: ApiClient, path: string, { subproject }: RunOptions): Promise<string[]> {
  const { project } = await api.get<{ project: { subprojects?: Record<string, unknown>[] } }>(path);
  const chosen = (project.subprojects ?? []).filter((one) =>
    subproject === undefined ? one['enabled'] !== false : one['path'] === subproject,
  );
  const found = recipeNames.filter((recipe) => chosen.some((one) => one[recipe] !== undefined));
  if (found.length > 0) return found;
  const where = subproject === undefined ? 'The project' : `The subproject ${JSON.stringify(subproject)}`;
  throw new AppError('invalid', `${where} has no recipe: crafting-table projects show says what there is.`);
}

/** The jobs when they are over, one after the other; null when somebody went away. */
async function followed(cli: Cli, jobs: readonly JobDoc[], quiet: boolean): Promise<JobDoc[] | null> {
  const api = await cli.client();
  const ended: JobDoc[] = [];
  for (const { job_id, recipe, subproject, command } of jobs) {
    if (!quiet)
      cli.printError(paint(cli, 'bold', `${recipe} of ${printable(subproject)} (${job_id}): ${printable(command)}`));
    try {
      const job = await followJob(cli, api, job_id, { quiet, withoutReports: true });
      ended.push(job);
      if (job.findings_count > 0 && !quiet) await showFindings(cli, api, job_id);
      cli.printError(outcomeLine(cli, job));
      if (job.failure !== null) cli.printError(`Why: ${printable(job.failure.detail ?? job.failure.kind)}`);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'AbortError')) throw error;
      await detached(cli, api, jobs.slice(ended.length));
      return null;
    }
  }
  return ended;
}

/** What the job saw, by file, instead of the report that its tool printed for programs. */
async function showFindings(cli: Cli, api: ApiClient, id: string): Promise<void> {
  const path = `/jobs/${encodeURIComponent(id)}/findings`;
  const page: { findings: FindingDoc[]; next_cursor: string | null } = await api.get(`${path}?limit=${shownFindings}`);
  cli.print(groupedFindings(cli, findingColumns, page.findings));
  cli.print('');
  if (page.next_cursor !== null) cli.printError(`There are more: crafting-table findings --job ${id} --all`);
}

/** After Ctrl-C: the jobs go on unless somebody at a terminal says otherwise. */
async function detached(cli: Cli, api: ApiClient, open: readonly JobDoc[]): Promise<void> {
  const what = open.length === 1 ? 'The job goes on' : `${open.length} jobs go on`;
  if (cli.input.isTTY) {
    const answer = await cli.input.ask(`\n${what}. Cancel ${open.length === 1 ? 'it' : 'them'}? [y/N] `);
    if (/^y(es)?$/i.test(answer?.trim() ?? '')) {
      for (const { job_id } of open) await cancelled(cli, api, job_id);
      return;
    }
  }
  for (const { job_id } of open) cli.printError(`${what}: crafting-table log ${job_id} --follow`);
}

async function cancelled(cli: Cli, api: ApiClient, id: string): Promise<void> {
  try {
    await api.post(`/jobs/${id}/cancel`, {});
    cli.printError(`job ${id} is being cancelled`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    cli.printError(`${id}: ${printable(error.message)}`);
  }
}

function worstOf(jobs: readonly JobDoc[]): number {
  const codes = jobs.map(({ status }) => exitCodeOfJob(status));
  return codes.find((code) => code === 1) ?? Math.max(0, ...codes);
}
