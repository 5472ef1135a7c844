import type { Cli } from '../define.ts';
import { type Column, cut, fitLines } from '../print/fit-table.ts';
import { paint } from '../print/paint.ts';
import { bar, dollars, grouped, type ShownBudget, type ShownUsage } from '../print/spending-columns.ts';

/** A bottle as the API answers it, as far as the screen shows it. */
export type ShownBottle = {
  readonly id: string;
  readonly project: string;
  readonly agent: string;
  readonly status: string;
  readonly ended: string | null;
  readonly work: { readonly kind: string; readonly issue?: number; readonly patch_id?: string };
  readonly requested_by: string;
  readonly started_at: string | null;
  readonly last_call: { readonly words: string } | null;
};

/** What one look at the farm saw. */
export type BottleLook = {
  readonly url: string;
  readonly bottles: readonly ShownBottle[];
  /** By bottle. */
  readonly usage: readonly ShownUsage[];
  readonly budgets: readonly ShownBudget[];
  /** Why the last look failed, or what the last key did; null for neither. */
  readonly said: string | null;
};

type Row = {
  readonly bottle: ShownBottle;
  readonly usage: ShownUsage | undefined;
  readonly share: number | null;
  readonly isChosen: boolean;
};

const columns: readonly Column<Row>[] = [
  { head: ' ', of: ({ isChosen }) => (isChosen ? '>' : ' ') },
  { head: 'bottle', of: ({ bottle }) => bottle.id },
  { head: 'agent', of: ({ bottle }) => bottle.agent, shrinksTo: 6 },
  { head: 'project', of: ({ bottle }) => bottle.project, shrinksTo: 8 },
  { head: 'for', of: ({ bottle }) => workOf(bottle), shrinksTo: 8 },
  { head: 'state', of: ({ bottle }) => bottle.ended ?? bottle.status },
  { head: 'tokens', of: ({ usage }) => grouped(usage?.tokens ?? 0) },
  { head: 'money', of: ({ usage }) => dollars(usage?.usd ?? 0) },
  {
    head: 'budget',
    of: ({ share }) => (share === null ? '-' : bar(share)),
    style: (_text, { share }) => (share === null || share < 0.8 ? null : share < 1 ? 'yellow' : 'red'),
  },
  { head: 'last action', of: ({ bottle }) => bottle.last_call?.words ?? '', shrinksTo: 12, isExtra: true },
];

function workOf({ work, requested_by }: ShownBottle): string {
  if (work.issue !== undefined) return `issue #${work.issue}`;
  return work.patch_id === undefined ? requested_by : `attempt ${work.patch_id}`;
}

/** Lines of a page: never more than `rows`, none wider than the window. */
export function bottleFrame(look: BottleLook, chosen: number, rows: number, cli: Pick<Cli, 'terminal'>): string[] {
  const { url, bottles, usage, budgets, said } = look;
  const width = cli.terminal.isTTY ? cli.terminal.columns : Math.max(120, cli.terminal.columns);
  const working = bottles.filter(({ status }) => status === 'running').length;
  const head = [
    paint(cli, 'bold', cut(`${working} of ${bottles.length} bottles at work   ${url}`, width)),
    cut(farmLine(budgets), width),
    '',
  ];
  const shown = bottles.map((bottle, at) => ({
    bottle,
    usage: usage.find(({ group }) => group === bottle.id),
    share: budgets.find(({ level, of }) => level === 'attempt' && of === bottle.id)?.share ?? null,
    isChosen: at === chosen,
  }));
  const foot = ['', cut(said ?? 'up, down: choose   c: cut off   f: freeze   s: stop   q: leave', width)];
  if (bottles.length === 0) return [...head, 'No bottle waits or works.', ...foot];
  const room = Math.max(1, rows - head.length - foot.length - 1);
  // What is chosen stays in sight.
  const from = Math.max(0, Math.min(chosen - room + 1, shown.length - room));
  return [...head, ...fitLines(cli, columns, shown.slice(from, from + room), width), ...foot];
}

/** The budgets that stand above all bottles. */
function farmLine(budgets: readonly ShownBudget[]): string {
  const above = budgets.filter(({ level, share }) => level !== 'attempt' && share !== null);
  if (above.length === 0) return 'no budget of a day or month is set: crafting-table budget set --help';
  return above
    .map(({ level, of, per, share }) => `${level === 'farm' ? 'farm' : of} a ${per} ${bar(share ?? 0)}`)
    .join('   ');
}
