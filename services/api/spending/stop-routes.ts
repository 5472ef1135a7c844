import { Type } from '@sinclair/typebox';
import { closed, nullable, oneOf, text } from '../../../events/fields.ts';
import type { EventData } from '../../../events/registry.ts';
import { cutoffPolicies } from '../../../events/work/budget.ts';
import { AppError } from '../../floor/app-error.ts';
import { appendOnce, type EventLog } from '../../io/event-log.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf, sees } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';

/** Without a policy it is to end, and what it left is kept. */
const typeOf = { cutoff: 'AgentCutOff', freeze: 'AgentFrozen', kill: 'AgentKilled' } as const;

/** What a person does to a bottle: it is done in the plane, and the agent is not asked. */
export const stopRoutes: Routes = (app, deps) => {
  app.post(
    '/bottles/:id/stop',
    {
      schema: {
        summary:
          'End a bottle, and keep what it left; or cut it off (its requests are refused), freeze it (its state is kept), kill it',
        params: Type.Object({ id: Type.String() }),
        body: Type.Optional(
          nullable(
            closed({ policy: Type.Optional(nullable(oneOf(cutoffPolicies))), reason: Type.Optional(text(1024)) }),
          ),
        ),
        response: {
          200: success({
            bottle_id: Type.String(),
            policy: nullable(oneOf(cutoffPolicies)),
            seq: Type.Integer({ description: 'where the log says so' }),
          }),
        },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { id } = request.params;
        const { policy = null, reason = '' } = request.body ?? {};
        const asked = /^[0-9a-z]{26}$/.test(id) ? await deps.log.last('AgentRunRequested', id) : null;
        const decision = await decisionOn(policy === null ? 'AgentRunStopRequested' : typeOf[policy], id, deps);
        const owner = asked && decision.query().projects.find(asked.data.project)?.owner;
        if (!asked || !sees(caller, asked.data.project, owner ?? undefined))
          throw new AppError('not_found', `There is no bottle ${id.slice(0, 64)}.`);
        const ended = await deps.log.last('AgentRunEnded', id);
        if (ended) throw new AppError('conflict', `The bottle ${id} ended at ${ended.time}.`, { name: 'bottle_ended' });
        const { project, agent } = asked.data;
        const wish = { bottle_id: id, project, by: caller.name, reason };
        const cut = { bottle_id: id, project, agent, why: 'asked', detail: reason, by: caller.name } as const;
        const { seq } = await decision.append(policy === null ? wish : cut);
        await stopWaiting(wish, policy === 'freeze' || policy === 'kill', deps.log);
        return { ok: true as const, bottle_id: id, policy, seq };
      }),
  );
};

/** One that waits for a runner has no gateway yet: whoever would start it hears this. */
async function stopWaiting(data: EventData<'AgentRunStopRequested'>, isEnd: boolean, log: EventLog): Promise<void> {
  const { bottle_id: id } = data;
  if (!isEnd || (await log.last('AgentRunStarted', id))) return;
  await appendOnce(log, { type: 'AgentRunStopRequested', id, data }, { expect: 0 });
}
