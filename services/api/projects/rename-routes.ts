import { Type } from '@sinclair/typebox';
import { closed, Name } from '../../../events/fields.ts';
import { nameOf } from '../../../projections/projects/projects.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { nameTaken, noSuchProject, ownProject } from './project-routes.ts';

const named = Type.Object({ name: Type.String() });
const State = success({
  name: Type.String({ description: 'what it is called now' }),
  earlier_names: Type.Array(Type.String(), { description: 'names that still lead to it' }),
});

/** A project gets another name. All that is of it stays with it, what runs included; its earlier names stay its own. */
export const renameRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.post(
    '/projects/:name/rename',
    {
      schema: {
        summary:
          'Give a project another name; findings, history, schedules, secrets, rights and old links stay its own',
        params: named,
        body: closed({ to: Name }),
        response: { 200: State },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { to } = request.body;
        const decision = await decisionOn('ProjectRenamed', request.params.name, deps);
        const project = ownProject(request.params.name, caller, { models: decision });
        const { name, owner } = project;
        if (to === nameOf(project))
          throw new AppError('conflict', `The project is called ${to} already.`, { name: 'same_name' });
        const holder = decision.query().projects.find(decision.query().projects.keyOf(to));
        if (holder && holder.name !== name) throw nameTaken(to);
        const { seq } = await decision.append({ name, owner, from: nameOf(project), to, by: caller.name });
        await visible(models, seq, reply, 200);
        const { projects } = models.query();
        const after = projects.find(name);
        // The read model has not reached it: what was asked for stands in the log.
        if (reply.statusCode === 202) return { ok: true as const, name: to, earlier_names: [] };
        // Removed or handed over before this came; or another project had the name first.
        if (after?.owner !== owner) throw noSuchProject();
        if (projects.keyOf(to) !== name) throw nameTaken(to);
        return { ok: true as const, name: nameOf(after), earlier_names: [...(after.earlier_names ?? [])] };
      }),
  );
};
