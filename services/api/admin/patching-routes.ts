import { Type } from '@sinclair/typebox';
import { closed, nullable, text } from '../../../events/fields.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';

const Paused = nullable(Type.Object({ by: Type.String(), reason: Type.String(), at: Type.String() }));
const Patching = success({ paused: Paused, open: Type.Integer({ description: 'attempts that are open' }) });
const body = Type.Optional(nullable(closed({ reason: Type.Optional(text(1024)) })));

/** The patch loop of the whole farm, at one word of an admin: no attempt takes another step while it is paused. */
export const patchingRoutes: Routes = (app, deps) => {
  app.get(
    '/admin/patching',
    { schema: { summary: 'Whether the patch loop is paused, and by whom', response: { 200: Patching } } },
    async () => stateOf(deps),
  );
  app.post(
    '/admin/patching/pause',
    { schema: { summary: 'Pause the patch loop of all projects', body, response: { 200: Patching } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const decision = await decisionOn('PatchingPaused', farm, deps);
        if (decision.query().patches.paused() !== null) return stateOf(deps);
        const { seq } = await decision.append({
          by: callerOf(request).name,
          reason: request.body?.reason ?? '',
        });
        await visible(deps.models, seq, reply, 200);
        return stateOf(deps);
      }),
  );
  app.post(
    '/admin/patching/resume',
    { schema: { summary: 'Let the patch loop go on where it was', body, response: { 200: Patching } } },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const decision = await decisionOn('PatchingResumed', farm, deps);
        if (decision.query().patches.paused() === null) return stateOf(deps);
        const { seq } = await decision.append({
          by: callerOf(request).name,
          reason: request.body?.reason ?? '',
        });
        await visible(deps.models, seq, reply, 200);
        return stateOf(deps);
      }),
  );
};

/** What the events of the farm's patch loop are about. */
const farm = 'farm';

function stateOf({ models }: ApiDeps) {
  const { patches } = models.query();
  return { ok: true as const, paused: patches.paused(), open: patches.allOpen().length };
}
