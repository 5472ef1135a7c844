import { Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import { inboxKinds, inboxOrder } from '../../findings/rules/inbox-order.ts';
import { roleHolders } from '../../roles/role-leases.ts';
import { At, isPast, viewAt } from '../answers/ready-answer.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { liveRunners } from '../live/live-runners.ts';
import { missedSchedules, sickParts, stuckSources, untold, waitingItems } from './inbox-farm.ts';
import {
  brokenRecipes,
  newFindings,
  openProposals,
  overdueFindings,
  refusedRecipes,
  unreadRecipes,
} from './inbox-items.ts';
import { seenProjects } from './seen-projects.ts';
import { momentOf } from './summary-routes.ts';

const mostItems = 200;

const Item = Type.Object(
  {
    kind: oneOf(inboxKinds),
    severity: nullable(Type.String()),
    project: nullable(Type.String()),
    title: Type.String(),
    reason: Type.String({ description: 'why it needs a person' }),
    since: nullable(Type.String()),
    entity: nullable(oneOf(['finding', 'job', 'patch', 'project', 'digest'])),
    id: nullable(Type.String({ description: 'of the entity' })),
    count: Type.Integer({ description: 'how many it stands for' }),
  },
  { title: 'InboxItem' },
);

/** What needs a person now, in one list. */
export const inboxRoutes: Routes = (app, deps) => {
  const live = liveRunners(deps.leases);
  const holders = roleHolders(deps.leases);
  app.get(
    '/inbox',
    {
      schema: {
        summary: 'What needs a person now, the worst first, and why',
        querystring: Type.Object({ at: At }),
        response: {
          200: success({
            items: Type.Array(Item),
            total: Type.Integer({ description: `of which at most ${mostItems} are listed` }),
          }),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const projects = seenProjects(view, caller);
      const names = new Set(projects.map(({ name }) => name));
      const nowMs = await momentOf(view, deps);
      const seen = { view, caller, names };
      const items = [
        ...newFindings(seen),
        ...overdueFindings(projects, nowMs, seen),
        ...brokenRecipes(view.models.query().recipeRuns.standings([...names])),
        ...openProposals(seen),
        ...refusedRecipes(projects),
        ...unreadRecipes(projects),
      ];
      // What the farm itself lacks is known of this moment alone.
      if (!isPast(view)) {
        const [runners, living] = await Promise.all([live().catch(() => []), holders().catch(() => [])]);
        const scene = { caller, nowMs, runners };
        items.push(
          ...waitingItems(scene, names, deps),
          ...(await missedSchedules(caller, deps)),
          ...untold(caller, names, nowMs, deps),
          ...(await stuckSources(caller, deps)),
        );
        if (caller.owner === null && caller.projects === null) items.push(...(await sickParts(scene, living, deps)));
      }
      return { ok: true as const, items: inboxOrder(items).slice(0, mostItems), total: items.length };
    },
  );
};
