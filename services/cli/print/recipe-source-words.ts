import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { type Column, fitTable } from './fit-table.ts';
import { printFields } from './print-fields.ts';

export type ShownSource = {
  readonly id: string;
  readonly git_url: string;
  readonly ref: string;
  readonly folder: string;
  readonly has_credential: boolean;
  readonly seen: { readonly sha: string | null } | null;
  /** The newest commit that could not be taken. */
  readonly refused?: { readonly sha: string; readonly faults: readonly Fault[] } | null;
  readonly canary: string | null;
  readonly production: string | null;
  readonly drift: string;
  readonly waits: string | null;
  readonly holds: readonly Hold[];
  readonly versions: readonly { readonly sha: string; readonly at: string; readonly documents: readonly string[] }[];
  readonly decisions: readonly Decision[];
  readonly projects: readonly {
    readonly project: string;
    readonly tier: string;
    readonly sha: string | null;
    readonly drift: boolean;
    readonly refused: string | null;
    /** Absent from a service of an earlier version. */
    readonly faults?: readonly Fault[];
  }[];
};

type Fault = { readonly path: string; readonly message: string };

type Hold = { readonly sha: string | null; readonly by: string; readonly reason: string };

type Decision = {
  readonly step: string;
  readonly sha: string | null;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
};

type Finding = {
  readonly id: number;
  readonly code: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
};

export type Rehearsal = {
  readonly project: string;
  readonly tier: string;
  readonly from: string | null;
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  readonly recipes: readonly {
    readonly subproject: string;
    readonly recipe: string;
    readonly before: string | null;
    readonly after: string | null;
    readonly fields: readonly string[];
    readonly findings: {
      readonly open: number;
      readonly known_from: string | null;
      readonly would_open: readonly Finding[];
      readonly would_close: readonly Finding[];
      readonly would_merge: readonly Finding[];
      readonly in_question: number;
    };
  }[];
};

export const short = (sha: string | null) => sha?.slice(0, 12) ?? '';
const time = (at: string) => at.slice(0, 19).replace('T', ' ');
const driftWords = (drift: string) => drift.replaceAll('_', ' ');

export const sourceColumns: readonly Column<ShownSource>[] = [
  { head: 'source', of: ({ id }) => id },
  { head: 'repository', of: ({ git_url }) => git_url, shrinksTo: 16 },
  { head: 'ref', of: ({ ref }) => ref, shrinksTo: 12 },
  { head: 'stands at', of: ({ seen }) => short(seen?.sha ?? null) },
  { head: 'canary', of: ({ canary }) => short(canary) },
  { head: 'production', of: ({ production }) => short(production) },
  { head: 'drift', of: ({ drift }) => driftWords(drift) },
];

const projectColumns: readonly Column<ShownSource['projects'][number]>[] = [
  { head: 'project', of: ({ project }) => project },
  { head: 'tier', of: ({ tier }) => tier },
  { head: 'version', of: ({ sha }) => short(sha) },
  { head: 'drift', of: ({ drift, refused }) => refused ?? (drift ? 'yes' : 'none'), shrinksTo: 20 },
];

const decisionColumns: readonly Column<Decision>[] = [
  { head: 'when', of: ({ at }) => time(at) },
  { head: 'step', of: ({ step }) => step.replaceAll('_', ' ') },
  { head: 'version', of: ({ sha }) => short(sha) },
  { head: 'by', of: ({ by }) => by },
  { head: 'why', of: ({ reason }) => reason, shrinksTo: 20 },
];

const holdWords = ({ sha, by, reason }: Hold) =>
  `${short(sha) || 'everything'}, by ${by}${reason === '' ? '' : ` (${reason})`}`;

/** A source with its projects and what was decided. */
export function printSource(cli: Cli, source: ShownSource): void {
  const [newest] = source.versions;
  printFields(cli, [
    ['source', source.id],
    ['repository', `${source.git_url}, ${source.ref}, folder ${source.folder}`],
    ['credential', source.has_credential ? 'kept sealed' : null],
    ['stands at', short(source.seen?.sha ?? null)],
    ['newest', newest ? `${short(newest.sha)}: ${newest.documents.join(', ')}` : null],
    ['canary', short(source.canary)],
    ['production', short(source.production)],
    ['drift', driftWords(source.drift)],
    ['waits', source.waits],
    ['held', source.holds.length > 0 ? source.holds.map(holdWords).join('; ') : null],
  ]);
  const { refused, seen } = source;
  if (refused && refused.sha === seen?.sha) printFaults(cli, `${short(refused.sha)} cannot be taken:`, refused.faults);
  if (source.projects.length > 0) cli.print(`\n${fitTable(cli, projectColumns, source.projects)}`);
  for (const { project, faults = [] } of source.projects)
    if (faults.length > 0) printFaults(cli, `${project} cannot take it:`, faults);
  if (source.decisions.length > 0) cli.print(`\n${fitTable(cli, decisionColumns, source.decisions.slice(0, 10))}`);
}

/** Each of them with its place: who mends one wants to know of all. */
function printFaults(cli: Pick<Cli, 'print'>, head: string, faults: readonly Fault[]): void {
  cli.print(printable(`\n${head}`));
  for (const { path, message } of faults) cli.print(printable(`  ${[path, message].filter(Boolean).join(': ')}`));
}

/** What a version would change, project by project. */
export function printRehearsal(outer: Cli, sha: string, projects: readonly Rehearsal[]): void {
  // Commands and findings are other people's words.
  const cli: Pick<Cli, 'print'> = { print: (line) => outer.print(printable(line)) };
  for (const one of projects) {
    const from = one.from === null ? 'no version yet' : short(one.from);
    cli.print(`${one.project} (${one.tier}): ${from} -> ${short(sha)}`);
    for (const { path, message } of one.faults) cli.print(`  cannot take it: ${path} ${message}`);
    for (const { from: was, to } of one.moved) cli.print(`  moved: ${was} -> ${to}, with its findings`);
    for (const change of one.recipes) printChange(cli, change);
    if (one.faults.length === 0 && one.recipes.length === 0 && one.moved.length === 0)
      cli.print('  nothing that is run changes');
  }
}

function printChange(cli: Pick<Cli, 'print'>, change: Rehearsal['recipes'][number]): void {
  const { subproject, recipe, before, after, fields, findings } = change;
  cli.print(`  ${recipe} of ${subproject}${fields.length > 0 ? ` (${fields.join(', ')} too)` : ''}`);
  if (before !== after) {
    if (before !== null) cli.print(`    - ${before}`);
    if (after !== null) cli.print(`    + ${after}`);
  }
  const lists = [
    ...findings.would_open.map((one) => `    would open  ${findingWords(one)}`),
    ...findings.would_close.map((one) => `    would close ${findingWords(one)}`),
    ...findings.would_merge.map((one) => `    would merge ${findingWords(one)}`),
  ];
  for (const line of lists) cli.print(line);
  if (findings.known_from !== null)
    cli.print(
      `    ${lists.length === 0 ? 'nothing opens or closes' : 'that is'} by job ${findings.known_from}, which ran this`,
    );
  if (findings.in_question > 0)
    cli.print(`    ${findings.in_question} open findings in question: no stored run of this command tells`);
}

function findingWords({ id, code, file, line, message }: Finding): string {
  const place = file === null ? '' : ` ${file}${line === null ? '' : `:${line}`}`;
  return `#${id} ${code ?? ''}${place} ${message.split('\n')[0]?.slice(0, 80) ?? ''}`;
}
