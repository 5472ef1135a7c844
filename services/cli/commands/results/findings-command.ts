import { findingSorts } from '../../../../projections/findings/finding-search.ts';
import type { FindingDoc } from '../../../../projections/findings/findings.ts';
import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import { atOption, type PageOptions, pathWith, printList, withPaging } from '../../farm/api-list.ts';
import { findingKindWords, findingStateWords, severityWords } from '../../input/choices.ts';
import { findingColumns, type HistoryLine, showFinding } from '../../print/finding-table.ts';
import { groupedFindings } from '../../print/grouped-findings.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { queryOfFilter, type SavedFilter } from './filters-command.ts';

type Filters = {
  project?: string;
  job?: string;
  state?: string;
  kind?: string;
  severity?: string;
  since?: string;
  rule?: string;
  path?: string;
  search?: string;
  saved?: string;
  assignee?: string;
  owner?: string;
  new?: true;
  overdue?: true;
  sort?: string;
  at?: string;
};
type ListOptions = PageOptions & OutputOptions & Filters & { sarif?: boolean };

export const findingsCommand: CommandUnit = (findings, does) => {
  const list = findings.command('list', { isDefault: true });
  withPaging(list)
    .description('open findings of all your projects, newest first')
    .option('--project <name>', 'only of this project')
    .option('--job <job>', 'what this job saw, whatever became of it')
    .addOption(
      list.createOption('--state <state>', 'open unless told otherwise').choices([...findingStateWords, 'all']),
    )
    .addOption(list.createOption('--kind <kind>', 'only this kind').choices(findingKindWords))
    .addOption(list.createOption('--severity <severity>', 'only this severity').choices(severityWords))
    .option('--since <when>', 'last seen after this sequence of the log or ISO 8601 time')
    .option('--rule <code>', 'with this code of its tool')
    .option('--path <beginning>', 'in files whose path begins so')
    .option('--search <words>', 'with these words in code, path, package or message')
    .option('--assignee <name>', 'looked after by this person; me, or none')
    .option('--owner <owner>', 'in files that CODEOWNERS gives to this one; with --project')
    .option('--new', 'not seen before the last run of their recipe')
    .option('--saved <name>', 'as a saved filter says: crafting-table filters')
    .option('--overdue', 'open for longer than the deadlines of their project allow')
    .addOption(list.createOption('--sort <order>', 'in which order').choices(findingSorts))
    .option(...atOption)
    .option('--sarif', 'print SARIF 2.1.0; needs --project or --job')
    .action(does(listFindings));
  withOutput(findings.command('show'), ['table', 'json'])
    .description('one finding, with its history')
    .argument('<id>', 'its number')
    .option(...atOption)
    .action(
      does(async (cli, id: string, { at, ...options }: OutputOptions & { at?: string }) => {
        const path = pathWith(`/findings/${encodeURIComponent(id)}`, { at });
        const answer = await (await cli.client()).get<{ finding: FindingDoc; history: HistoryLine[] }>(path);
        if (outputOf(options) === 'json') printJson(cli, answer);
        else showFinding(cli, answer.finding, answer.history);
        return 0;
      }),
    );
  withExamples(findings, [
    'findings --project shop --severity error',
    'findings --path src/ --search "not defined" --sort severity',
    'findings --job 01m7yqtxktspcs1tbxettq4r8d --json',
    'findings --project shop --sarif > shop.sarif',
    'findings show 12',
  ]);
};

async function listFindings(cli: Cli, { sarif, ...options }: ListOptions): Promise<number> {
  const { project, job, kind, severity, since, state, at } = options;
  const { rule, path: beginning, search: q, assignee, owner, new: fresh, overdue, sort } = options;
  const narrower = rule ?? beginning ?? q ?? assignee ?? owner ?? fresh ?? overdue ?? sort ?? options.saved;
  const ofJob = job === undefined ? null : `/jobs/${encodeURIComponent(job)}/findings`;
  if (ofJob && (project ?? kind ?? severity ?? since ?? state ?? at ?? narrower) !== undefined)
    throw new AppError('invalid', '--job shows all that the job saw: it takes no other filter.');
  if (sarif) {
    if (!ofJob && project === undefined) throw new AppError('invalid', '--sarif needs --project or --job.');
    if ((kind ?? severity ?? since ?? state ?? at ?? narrower) !== undefined)
      throw new AppError('invalid', '--sarif takes no other filter than --project or --job.');
    const base = ofJob ?? `/projects/${encodeURIComponent(project ?? '')}/findings`;
    printJson(cli, await (await cli.client()).get(`${base}.sarif`));
    return 0;
  }
  const kept = options.saved === undefined ? null : await savedFilter(cli, options.saved);
  const filters = {
    ...{ project, kind, severity, since, at, rule, q, assignee, owner, sort },
    ...{ path: beginning, new: fresh && '1', overdue: overdue && '1' },
    state: state === 'all' ? undefined : (state ?? (kept ? undefined : 'open')),
  };
  const path = ofJob ?? narrowed(pathWith('/findings', filters), kept);
  const show = (to: Cli, rows: readonly FindingDoc[]) => groupedFindings(to, findingColumns, rows);
  return printList(cli, { path, key: 'findings', columns: findingColumns, none: 'No findings.', show }, options);
}

/** One's own filter of a name, or that of the team. Throws AppError('not_found') with the names that there are. */
async function savedFilter(cli: Cli, name: string): Promise<SavedFilter['filter']> {
  const { filters } = await (await cli.client()).get<{ filters: SavedFilter[] }>('/filters');
  const found = filters.find((one) => one.name === name);
  if (found) return found.filter;
  const known = filters.map((one) => JSON.stringify(one.name)).join(', ');
  throw new AppError('not_found', `No filter ${JSON.stringify(name)} is saved${known ? `; there are ${known}` : ''}.`);
}

/** What was asked for by hand goes over what was saved. */
function narrowed(path: string, kept: SavedFilter['filter'] | null): string {
  if (kept === null) return path;
  const [base = '', query = ''] = path.split('?');
  const words = queryOfFilter(kept);
  for (const [name, value] of new URLSearchParams(query)) words.set(name, value);
  return `${base}?${words}`;
}
