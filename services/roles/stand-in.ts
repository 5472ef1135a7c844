import { hostname } from 'node:os';
import type { Role } from '../config-kinds.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import type { RunningRole } from '../role-deps.ts';
import { missingRoles, type RoleHolder, roleHolders } from './role-leases.ts';

type StandIn = {
  readonly role: Role;
  readonly leases: Pick<Bucket, 'entries'>;
  readonly logger: Log;
  /** Starts what the role does; it is stopped when a process has the role. */
  readonly begin: () => Promise<RunningRole>;
  /** How often the leases are looked at, and how long nobody may have the role, in ms. */
  readonly times?: { readonly everyMs: number; readonly patienceMs: number };
};

/** A process that is started again is no reason to do its work. */
const usual = { everyMs: 5_000, patienceMs: 15_000 };

/**
 * Does the work of a role while no living process has it: jobs that wait for it would wait for ever. One process of the farm
 * stands in, the first by host and number; the role is still told as missing.
 */
export function standIn({ role, leases, logger, begin, times = usual }: StandIn): { stop(): Promise<void> } {
  const holders = roleHolders(leases);
  let since: number | null = null;
  let running: RunningRole | null = null;
  const leave = async () => {
    const left = running;
    running = null;
    await left?.stop();
  };
  const look = async () => {
    const living = await holders();
    const isMissing = living.length > 0 && missingRoles(living).includes(role);
    since = isMissing ? (since ?? performance.now()) : null;
    const isDue = since !== null && performance.now() - since >= times.patienceMs && isFirst(living);
    if (isDue && running === null) {
      running = await begin();
      logger.warn({ role }, 'this process stands in for a role that no process has');
    } else if (!isDue && running !== null) {
      await leave();
      logger.info({ role }, 'this process no longer stands in for a role');
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking
      .then(look)
      .catch((error) => logger.debug({ role, error: messageOf(error) }, 'a role could not be stood in for'));
  }, times.everyMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      await leave();
    },
  };
}

/** A process that only runs jobs has no read models, and stands in for nobody. */
function isFirst(living: readonly RoleHolder[]): boolean {
  const able = living.filter(({ roles }) => roles.some((one) => one !== 'runner'));
  const [first] = able.map(({ host, pid }) => `${host} ${pid}`).sort();
  return first === `${hostname()} ${process.pid}`;
}
