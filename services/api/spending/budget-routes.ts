import { type Static, Type } from '@sinclair/typebox';
import type { EventData } from '../../../events/registry.ts';
import { budgetSpans } from '../../../events/work/budget.ts';
import { isUsualAgent } from '../../bottles/rules/resolve-manifest.ts';
import { budgetKey } from '../../egress/rules/balances.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import type { Queries } from '../../projector/read-models.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type RouteDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { Budget, BudgetInput } from './budget-schema.ts';
import { shownTo } from './seen-budgets.ts';

type Input = Static<typeof BudgetInput>;
type Meant = Pick<EventData<'BudgetSet'>, 'level' | 'of' | 'unit' | 'per' | 'owner' | 'project' | 'limit'>;

/** What agents may spend: budgets on five levels, in tokens or US dollars. */
export const budgetRoutes: Routes = (app, deps) => {
  app.get(
    '/budgets',
    {
      schema: {
        summary: 'Budgets of agents with what is used of them: those of your projects and team, and those of the farm',
        querystring: Type.Object({ project: Type.Optional(Type.String()), level: Type.Optional(Type.String()) }),
        response: { 200: success({ budgets: Type.Array(Budget) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { project, level } = request.query;
      const all = shownTo(caller, deps).filter(
        (one) => (project === undefined || one.project === project) && (level === undefined || one.level === level),
      );
      return { ok: true as const, budgets: all };
    },
  );
  const put = (isNew: boolean) => ({
    summary: isNew
      ? 'Set a budget that is not there yet (of the farm, a team, or an agent of all projects: admin)'
      : 'Set a budget, whatever it was; a limit of null takes it away (of the farm, a team, or an agent of all projects: admin)',
    body: BudgetInput,
  });
  const set = async (caller: Caller, input: Input, isNew: boolean) => {
    const meant = meantBy(input, deps.models.query(), caller);
    const key = budgetKey(meant);
    const decision = await decisionOn('BudgetSet', key, deps);
    // Asked again after the log's position was taken: the project may be another team's by now.
    meantBy(input, decision.query(), caller);
    const known = decision.query().spending.budget(key);
    if (meant.limit === null && !known) throw new AppError('not_found', noBudget(meant, decision.query()));
    if (meant.limit !== null) mustExist(meant, decision.query());
    if (isNew && known)
      throw new AppError('conflict', `There is a budget ${key} already: PUT /budgets changes it.`, {
        name: 'budget_set',
      });
    const policy = input.policy === undefined ? (known?.policy ?? null) : input.policy;
    return { key, appended: await decision.append({ ...meant, policy, by: caller.name }) };
  };
  app.post(
    '/budgets',
    { schema: { ...put(true), response: { 201: success({ budget: Budget }) } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { key, appended } = await set(caller, request.body, true);
        await visible(deps.models, appended.seq, reply, 201);
        return { ok: true as const, budget: budgetOf(key, caller, deps) };
      }),
  );
  app.put(
    '/budgets',
    { schema: { ...put(false), response: { 200: success({ budget: Type.Union([Budget, Type.Null()]) }) } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { key, appended } = await set(caller, request.body, false);
        await visible(deps.models, appended.seq, reply, 200);
        const found = shownTo(caller, deps).find((one) => one.key === key);
        return { ok: true as const, budget: found ?? null };
      }),
  );
};

function budgetOf(key: string, caller: Caller, deps: RouteDeps) {
  const found = shownTo(caller, deps).find((one) => one.key === key);
  if (!found)
    throw new AppError('conflict', 'The budget was taken away at the same moment.', { name: 'changed_meanwhile' });
  return found;
}

/** What there is in its place, so that a removal names the right one. */
function noBudget({ level, of, unit, per }: Meant, { spending }: Queries): string {
  const like = (['tokens', 'usd'] as const).flatMap((other) =>
    budgetSpans.flatMap((span) =>
      (other === unit && span === per) || !spending.budget(budgetKey({ level, of, unit: other, per: span }))
        ? []
        : `one in ${other} per ${span}`,
    ),
  );
  const whose = level === 'farm' ? 'the farm' : `the ${level} ${of}`;
  return `There is no budget of ${whose} in ${unit} per ${per}${like.length === 0 ? '' : `; there is ${like.join(', ')}`}.`;
}

/** Agents of the patch loop, which no manifest names. */
const adapters: ReadonlySet<string> = new Set(['clawdforge', 'command']);

/** A budget of a name that nobody has would hold nobody. Throws AppError('not_found'). */
function mustExist({ level, of, project }: Meant, query: Queries): void {
  if (level === 'owner' && !query.teams.names().includes(of))
    throw new AppError('not_found', `There is no team ${of}: no bearer and no project is of it.`);
  if (level !== 'agent') return;
  const name = of.slice(of.indexOf('/') + 1);
  if (adapters.has(name) || isUsualAgent(name)) return;
  const all = { owner: null, after: '', limit: 100_000 };
  const among = project === undefined ? query.projects.page(all) : [query.projects.find(project)];
  if (among.some((one) => one?.agents !== undefined && Object.hasOwn(one.agents, name))) return;
  const where = project === undefined ? 'any project' : project;
  throw new AppError(
    'not_found',
    `There is no agent ${name} in ${where}: crafting-table agents names those of a project.`,
  );
}

/** Throws AppError: `invalid` (what is meant is not said), `not_found`, `forbidden` (it is an admin's to set). */
function meantBy(input: Input, query: Queries, caller: Caller): Meant {
  const { level, tokens, usd, project } = input;
  if ((tokens === undefined) === (usd === undefined))
    throw new AppError('invalid', 'One of tokens and usd is needed, and only one.');
  const unit = tokens === undefined ? 'usd' : 'tokens';
  const limit = tokens ?? (usd === null || usd === undefined ? null : Math.round(usd * 1e9));
  const alone = level === 'farm' ? 'the farm' : level === 'owner' ? 'a team' : null;
  if (alone !== null && project !== undefined)
    throw new AppError('invalid', `project: a budget of ${alone} is of no project.`);
  if (level === 'farm' && input.of !== undefined && input.of !== 'farm')
    throw new AppError('invalid', `of: the farm has no name, so ${JSON.stringify(input.of)} means nothing here.`);
  if (level === 'project' && project !== undefined && input.of !== undefined && input.of !== project)
    throw new AppError('invalid', `of: ${input.of} and ${project} are two projects; one is needed.`);
  const of = level === 'farm' ? 'farm' : (input.of ?? (level === 'project' ? project : undefined));
  if (of === undefined) throw new AppError('invalid', `of: the name of the ${level} is needed.`);
  const per = input.per ?? (level === 'attempt' ? 'attempt' : 'day');
  if (level === 'attempt' && per !== 'attempt')
    throw new AppError('invalid', 'per: a budget of an attempt is per attempt.');
  const about = level === 'project' ? of : project;
  if (level !== 'farm' && level !== 'owner' && about !== undefined) {
    const found = query.projects.find(about);
    if (!found || !sees(caller, about, found.owner)) throw new AppError('not_found', `There is no project ${about}.`);
    const name = level === 'agent' ? `${about}/${of}` : of;
    return { level, of: name, unit, per, limit, owner: found.owner, project: about };
  }
  if (level === 'attempt') throw new AppError('invalid', 'project: the project of the attempt is needed.');
  if (!caller.isAdmin)
    throw new AppError('forbidden', 'Only an admin bearer may set this budget.', { name: 'admin_only' });
  return { level, of, unit, per, limit, owner: level === 'owner' ? of : null };
}
