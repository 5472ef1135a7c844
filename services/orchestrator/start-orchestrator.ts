import type { Consumer } from '../define.ts';
import { messageOf } from '../floor/app-error.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';
import { grantedTalks } from '../work/granted-talks.ts';
import { openMembers } from './issues/members.ts';
import { orchestrator } from './orchestrator.ts';
import { openWorklist } from './worklist.ts';

/** How often it is looked whether something is due, in ms. */
const tickMs = 2_000;

/** Starts the role: issues of the forge start agents, where a project says so. Without a forge it hears nothing. */
export async function startOrchestrator(given: RoleDeps): Promise<RunningRole> {
  const { clock, config, logger, parts, opened } = given;
  const { forge, missing } = config.patcher;
  if (forge.none || missing.length > 0) return { stop: async () => {} };
  const deps = {
    ...given,
    openTalk: grantedTalks(given),
    members: openMembers(clock),
    withLock: keyedLock(),
    told: new Map<string, string>(),
  };
  const worklist = openWorklist(deps);
  const tick = () =>
    worklist.tick().catch((error: unknown) => {
      logger.warn({ error: messageOf(error), code: 'work_failed' }, 'work on issues could not go on, trying again');
    });
  opened(clock.every(tickMs, tick), (one) => one.stop());
  const { consumer = (one: Consumer) => one } = parts;
  return runConsumer(consumer(orchestrator(deps, worklist)), {
    ...deps,
    ...(parts.patience ? { patience: parts.patience } : {}),
  });
}
