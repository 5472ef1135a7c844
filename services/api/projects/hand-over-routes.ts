import { Type } from '@sinclair/typebox';
import { closed, Name } from '../../../events/fields.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { noSuchProject, ownProject } from './project-routes.ts';

const named = Type.Object({ name: Type.String() });
const State = success({
  project: Type.String(),
  owner: Type.String(),
  offered_to: Type.Union([Type.String(), Type.Null()]),
});

/**
 * A project goes to another team with its jobs, findings and attempts. That team takes it by itself: what runs for a project runs with
 * the secrets and the grants of its owner, so that nobody may be given one unasked.
 */
export const handOverRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.post(
    '/projects/:name/hand-over',
    {
      schema: {
        summary: 'Offer a project to another team; as admin it is handed over at once',
        params: named,
        body: closed({ to: Name }),
        response: { 200: State },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { to } = request.body;
        const { name } = request.params;
        const seq = await (caller.isAdmin ? handOver(name, to, caller) : offer(name, to, caller));
        await visible(models, seq, reply, 200);
        return stateOf(name, to);
      }),
  );
  app.delete(
    '/projects/:name/hand-over',
    { schema: { summary: 'Take an offer back', params: named, response: { 200: State } } },
    async (request, reply) => {
      const caller = callerOf(request);
      const decision = await decisionOn('ProjectOfferWithdrawn', request.params.name, deps);
      const { name, owner } = ownProject(request.params.name, caller, { models: decision });
      if (!decision.query().teams.offer(name))
        throw new AppError('conflict', 'The project is offered to nobody.', { name: 'not_offered' });
      const { seq } = await decision.append({ name, owner, by: caller.name });
      await visible(models, seq, reply, 200);
      // It was taken before this came.
      ownProject(name, caller, deps);
      return stateOf(name);
    },
  );
  app.post(
    '/projects/:name/hand-over/accept',
    { schema: { summary: 'Take a project that is offered to your team', params: named, response: { 200: State } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const decision = await decisionOn('ProjectHandedOver', request.params.name, deps);
        const offer = decision.query().teams.offer(request.params.name);
        const isOurs = caller.projects === null && offer?.to_team === caller.team;
        if (!offer || !isOurs) throw noSuchProject();
        const { project: name, owner: from, to_team: to } = offer;
        const { seq } = await decision.append({ name, from, to, offered: true, by: caller.name });
        await visible(models, seq, reply, 200);
        // Removed, withdrawn or handed elsewhere before this came.
        if (models.query().projects.find(name)?.owner !== to) throw noSuchProject();
        return stateOf(name, to);
      }),
  );

  async function offer(project: string, to: string, caller: Caller): Promise<number> {
    const decision = await decisionOn('ProjectOffered', project, deps);
    const { name, owner } = toAnother(ownProject(project, caller, { models: decision }), to);
    return (await decision.append({ name, owner, to, by: caller.name })).seq;
  }

  async function handOver(project: string, to: string, caller: Caller): Promise<number> {
    const decision = await decisionOn('ProjectHandedOver', project, deps);
    const { name, owner: from } = toAnother(ownProject(project, caller, { models: decision }), to);
    return (await decision.append({ name, from, to, offered: false, by: caller.name })).seq;
  }

  function stateOf(project: string, to?: string) {
    const { projects, teams } = models.query();
    const owner = projects.find(project)?.owner ?? to ?? '';
    return { ok: true as const, project, owner, offered_to: teams.offer(project)?.to_team ?? null };
  }
};

function toAnother(project: ProjectDoc, to: string): ProjectDoc {
  if (to !== project.owner) return project;
  throw new AppError('conflict', `It is a project of ${to} already.`, { name: 'same_team' });
}
