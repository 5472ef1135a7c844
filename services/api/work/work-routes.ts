import { Type } from '@sinclair/typebox';
import { closed, Name, nullable, oneOf, text } from '../../../events/fields.ts';
import { type WorkVerb, workVerbs } from '../../../events/work/work.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { placeOfWork } from '../../attempts/awaited-place.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import type { Queries } from '../../projector/read-models.ts';
import { grantOf } from '../../projects/forge-access.ts';
import { stopWork } from '../../work/end-work.ts';
import { grantedTalks } from '../../work/granted-talks.ts';
import { targetDraft, workIdOf } from '../../work/target-draft.ts';
import { numberIn } from '../answers/cursor.ts';
import { At, readyAnswers, readyPage, type Seeing, viewAt } from '../answers/ready-answer.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { Work } from './work-schema.ts';

const byId = Type.Object({ id: Type.String() });
const Budget = Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 });

/** Issues on which agents work: listed, looked at, begun, begun again and stopped. */
export const workRoutes: Routes = (app, deps) => {
  const { models } = deps;
  const answer = readyAnswers(deps);
  app.get(
    '/work',
    {
      schema: {
        summary: 'Issues on which agents work, or all of them as admin; the last asked for first',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String()),
          live: Type.Optional(Type.Boolean({ description: 'only what is not over' })),
          at: At,
        }),
        response: { 200: success({ works: Type.Array(Work), next_cursor: NextCursor }) },
      },
    },
    async (request, reply) =>
      answer(request, reply, (view, { owner, projects: among }) => {
        const { project = null, live = false, limit = 50, cursor } = request.query;
        const before = numberIn(cursor, Number.MAX_SAFE_INTEGER);
        const rows = view.models.query().works.page({ owner, among, project, live, before, limit: limit + 1 });
        const query = view.models.query();
        const shown = rows.map((row) => ({ ...row, doc: withPlaceIn(row.doc, query) }));
        return readyPage('works', shown, { limit, view, placeOf: ({ seq }) => seq });
      }),
  );
  app.get(
    '/work/:id',
    {
      schema: {
        summary: 'The work on one issue',
        params: byId,
        querystring: Type.Object({ at: At }),
        response: { 200: success({ work: Work }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      return { ok: true as const, work: withPlace(ownWork(request.params.id, caller, view), view.models.query()) };
    },
  );
  app.post(
    '/projects/:name/work',
    {
      schema: {
        summary: 'Have an agent work on an issue of the project, as its label would',
        params: Type.Object({ name: Type.String() }),
        body: closed({
          issue: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
          agent: Type.Optional(Name),
          verb: Type.Optional(oneOf(workVerbs)),
          instructions: Type.Optional(nullable(text(4096))),
          budget_tokens: Type.Optional(nullable(Budget)),
        }),
        response: { 201: success({ work: Work }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { id, seq } = await begin(request.params.name, request.body, { caller, deps });
        await visible(models, seq, reply, 201);
        reply.header('location', `/work/${id}`);
        return { ok: true as const, work: ownWork(id, caller, deps) };
      }),
  );
  app.post(
    '/work/:id/resume',
    {
      schema: {
        summary: 'Have the agent go on: with its open pull request, or in another round where the last one is over',
        params: byId,
        body: closed({ instructions: text(4096, 1) }),
        response: { 200: success({ work: Work }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { instructions } = request.body;
        const work = ownWork(request.params.id, caller, deps);
        const { seq } = await (work.state === 'ended'
          ? begin(work.project, { ...work, instructions }, { caller, deps })
          : goOn(work, instructions, { caller, deps }));
        await visible(models, seq, reply, 200);
        return { ok: true as const, work: ownWork(work.id, caller, deps) };
      }),
  );
  app.post(
    '/work/:id/stop',
    {
      schema: {
        summary: 'End the round: its bottle is stopped; a pull request that is open stays for people',
        params: byId,
        body: Type.Optional(nullable(closed({ reason: Type.Optional(text(1024)) }))),
        response: { 200: success({ work: Work }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const work = ownWork(request.params.id, caller, deps);
        if (work.state === 'ended') throw new AppError('conflict', 'It is over already.', { name: 'work_over' });
        const why = request.body?.reason ?? '';
        const detail = `${caller.name} stopped it${why === '' ? '' : `: ${why}`}.`;
        const ending = { reason: 'stopped', detail, by: caller.name };
        await stopWork(work, ending, { log: deps.log, models, causeOf: () => undefined });
        reply.code(200);
        return { ok: true as const, work: ownWork(work.id, caller, deps) };
      }),
  );
};

const withPlace = (work: WorkDoc, query: Queries): WorkDoc & { waits_for?: string } => {
  const place = placeOfWork(work, query);
  return place === null ? work : { ...work, waits_for: place };
};

/** Of a document as JSON, which is read only where it may wait. */
const withPlaceIn = (doc: string, query: Queries): string =>
  doc.includes('"state":"proposed"') ? JSON.stringify(withPlace(JSON.parse(doc), query)) : doc;

type Asking = { readonly caller: Caller; readonly deps: ApiDeps };
type Asked = {
  issue: number;
  agent?: string;
  verb?: WorkVerb;
  instructions?: string | null;
  budget_tokens?: number | null;
};

/** Begins a round on an issue, which has to be there and open. */
async function begin(name: string, { issue: number, ...asked }: Asked, { caller, deps }: Asking) {
  const { models, config, clock } = deps;
  const project = ownProject(name, caller, deps);
  const agents = project.orchestrate?.agents ?? [];
  const agent = asked.agent ?? agents[0];
  if (agent === undefined || !agents.includes(agent))
    throw new AppError('conflict', noAgent(name, agent, agents), { name: 'no_agent' });
  const talk = grantedTalks(deps)(name);
  if (talk === null)
    throw new AppError('conflict', `The farm may speak on no forge for ${name}: see forge_access of the project.`, {
      name: 'no_forge',
    });
  const issue = await talk.read('issue', number);
  if (issue === null || issue.place !== 'issue')
    throw new AppError('not_found', `There is no issue ${number} in ${talk.repository}.`);
  if (issue.state !== 'open') throw new AppError('conflict', `Issue ${number} is closed.`, { name: 'issue_closed' });
  const decision = await decisionOn('IssueTargeted', workIdOf(name, number), deps);
  const work = models.query().works.find(workIdOf(name, number))?.doc;
  if (work && work.state !== 'ended')
    throw new AppError('conflict', `Round ${work.round || 1} is at work on issue ${number}.`, { name: 'work_live' });
  const { verb = 'fix', instructions = null, budget_tokens = null } = asked;
  const wanted = { agent, verb, trigger: 'api' as const, by: caller.name, because: `${caller.name} asked for it here` };
  const choice = grantOf(project, { config, query: models.query, clock })?.choice;
  const draft = targetDraft(issue, { ...wanted, instructions, budget_tokens }, { project, choice });
  if (draft === null) throw new AppError('conflict', `The project ${name} is on no forge.`, { name: 'no_forge' });
  const { seq } = await decision.append(draft.data);
  return { id: draft.id, seq };
}

function noAgent(project: string, agent: string | undefined, agents: readonly string[]): string {
  if (agents.length === 0) return `Issues of ${project} may start no agent: set orchestrate.agents of the project.`;
  return `Issues of ${project} may not start ${JSON.stringify(agent)}; they may start ${agents.join(', ')}.`;
}

async function goOn({ id }: WorkDoc, instructions: string, { caller, deps }: Asking): Promise<{ seq: number }> {
  const decision = await decisionOn('WorkResumed', id, deps);
  const work = ownWork(id, caller, deps);
  if (work.state !== 'in_review')
    throw new AppError('conflict', `It is ${work.state} and has no pull request that waits.`, { name: 'work_busy' });
  const data = { work_id: work.id, project: work.project, round: work.round, by: caller.name, instructions };
  return decision.append(data);
}

/** The work on an issue that the caller may see; not there and somebody else's look the same. */
export function ownWork(id: string, caller: Caller, { models, shows }: Seeing): WorkDoc {
  const found = models.query().works.find(id);
  if (!found || !sees(caller, found.doc.project, found.owner) || shows?.(found.doc.project) === false)
    throw new AppError('not_found', 'There is no work of this name.');
  return found.doc;
}
