import type { Consumer } from '../define.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';
import { bottler } from './bottler.ts';

/** Starts the role. */
export async function startBottler(deps: RoleDeps): Promise<RunningRole> {
  const { consumer = (one: Consumer) => one, patience } = deps.parts;
  return runConsumer(consumer(bottler(deps)), { ...deps, ...(patience ? { patience } : {}) });
}
