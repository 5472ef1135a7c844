import { Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import type { Subject } from '../../history/causal-walk.ts';
import { explain } from '../../history/explain.ts';
import { ChainEntry } from '../../history/rules/causal-chain.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { ownBottle } from '../bottles/bottle-routes.ts';
import { type Routes, success } from '../define.ts';
import { ownJob } from '../jobs/job-routes.ts';
import { maySee } from '../live/event-visibility.ts';
import { ownPatch } from '../patches/patch-routes.ts';
import { ownWork } from '../work/work-routes.ts';
import { ownFinding } from './finding-routes.ts';

const byId = Type.Object({ id: Type.String() });

const Explanation = success({
  subject: Type.Object({ entity: oneOf(['finding', 'job', 'patch', 'bottle', 'work']), id: Type.String() }),
  chain: Type.Array(ChainEntry, { description: 'in the order of the log' }),
  truncated: nullable(Type.String({ description: 'what was left out' })),
});

/** Why something is as it is: from the push, the schedule or the request to the run that closed it. */
export const explainRoutes: Routes = (app, deps) => {
  const told = async (subject: Subject, caller: Caller) => {
    const { log, models } = deps;
    const seen = await explain(subject, { log, models, maySee: (event) => maySee(event, caller, models) });
    return { ok: true as const, ...seen };
  };
  const answering = (what: string) => ({
    schema: { summary: `What led to ${what}, and what came of it`, params: byId, response: { 200: Explanation } },
  });
  app.get('/findings/:id/explain', answering('a finding'), async (request) => {
    const caller = callerOf(request);
    return told({ entity: 'finding', id: String(ownFinding(request.params.id, caller, deps).id) }, caller);
  });
  app.get('/jobs/:id/explain', answering('a job'), async (request) => {
    const caller = callerOf(request);
    const { id } = request.params;
    ownJob(id, caller, deps);
    return told({ entity: 'job', id }, caller);
  });
  app.get('/bottles/:id/explain', answering('a run of an agent'), async (request) => {
    const caller = callerOf(request);
    return told({ entity: 'bottle', id: ownBottle(request.params.id, caller, deps).id }, caller);
  });
  app.get('/work/:id/explain', answering('the work on an issue, in all its rounds'), async (request) => {
    const caller = callerOf(request);
    return told({ entity: 'work', id: ownWork(request.params.id, caller, { models: deps.models }).id }, caller);
  });
  app.get('/patches/:id/explain', answering('a patch attempt'), async (request) => {
    const caller = callerOf(request);
    return told({ entity: 'patch', id: ownPatch(request.params.id, caller, deps).id }, caller);
  });
};
