import { hostname } from 'node:os';
import type { EventData } from '../../events/registry.ts';
import { type Role, roleNames } from '../config-kinds.ts';
import { messageOf } from '../floor/app-error.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import { missingRoles, roleHolders } from './role-leases.ts';

const everyMs = 5_000;
/** A process that is started again, and a disk that is being freed, are no news: so long it has to last, in ms. */
const usualPatienceMs = 60_000;
/** Without these jobs do not run to their end; the others are missed only where somebody once had them. */
const essential: ReadonlySet<Role> = new Set<Role>(['runner', 'parser', 'projector', 'scheduler']);
const heldKey = 'roles-held';

type FarmWatch = {
  readonly log: Pick<EventLog, 'append' | 'last' | 'flush'>;
  readonly leases: Bucket;
  readonly hints: Bucket;
  readonly logger: Log;
  /** Why the disk has no room for new work, or null. */
  readonly shortage: () => string | null;
  readonly times?: { readonly everyMs: number; readonly patienceMs: number };
};

type Trouble = EventData<'FarmTroubled'>;
type State = { since: number | null; told: boolean | null };

/**
 * Looks whether a role has nobody, and whether the disk is too full. It says once that this has lasted, and once that it is
 * over: in our own log, and as events of which people are told. However many processes look, each is appended once.
 */
export function watchFarm(watch: FarmWatch): { look(): Promise<void>; stop(): void } {
  const { log, leases, logger, shortage, times = { everyMs, patienceMs: usualPatienceMs } } = watch;
  const holders = roleHolders(leases);
  const held = openHeld(watch.hints);
  const states = new Map<string, State>();
  let warned = '';

  const settle = async (isBad: boolean, words: { bad: string; good: string }, which: Omit<Trouble, 'reason'>) => {
    const id = `${which.trouble}.${which.of}`;
    const state = states.get(id) ?? { since: null, told: null };
    states.set(id, state);
    state.since = isBad ? (state.since ?? performance.now()) : null;
    if (state.told === isBad) return;
    if (state.since !== null && performance.now() - state.since < times.patienceMs) return;
    await tell(log, id, isBad, { ...which, reason: isBad ? words.bad : words.good });
    state.told = isBad;
  };
  const lookAtRoles = async () => {
    const missing = missingRoles(await holders());
    // Nobody is there, not even this process: the leases could not be renewed, and prove nothing.
    if (missing.length === roleNames.length) return;
    warned = warnOf(missing, warned, logger);
    const wanted = await held.with(roleNames.filter((role) => !missing.includes(role)));
    for (const role of roleNames.filter((one) => essential.has(one) || wanted.has(one))) {
      const bad = `no living process has the role ${role}: what it does waits`;
      const good = `a process has the role ${role} again`;
      await settle(missing.includes(role), { bad, good }, { trouble: 'role', of: role });
    }
  };
  const look = async () => {
    await lookAtRoles();
    const bad = 'no new work is taken: the disk of the farm is nearly full';
    const good = 'there is room on the disk again, new work is taken';
    await settle(shortage() !== null, { bad, good }, { trouble: 'disk', of: hostname() || 'unknown' });
  };
  let looking: Promise<void> | undefined;
  const once = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(
    () => once().catch((error) => logger.debug({ error: messageOf(error) }, 'the farm could not be looked at')),
    times.everyMs,
  );
  timer.unref();
  return { look: once, stop: () => clearInterval(timer) };
}

/** Says it in our own log each time that it changes. */
function warnOf(missing: readonly Role[], before: string, logger: Log): string {
  const now = missing.join(', ');
  if (now === before) return now;
  if (now === '') logger.info({}, 'every role has a living process again');
  else logger.warn({ roles: missing }, 'no living process has these roles: what they do waits');
  return now;
}

/** Appends what is new to the log: somebody else may have seen it first. */
async function tell(log: FarmWatch['log'], id: string, isBad: boolean, data: Trouble): Promise<void> {
  const [troubled, recovered] = await Promise.all([log.last('FarmTroubled', id), log.last('FarmRecovered', id)]);
  const isOpen = (troubled?.seq ?? 0) > (recovered?.seq ?? 0);
  if (isOpen === isBad) return;
  const type = isBad ? 'FarmTroubled' : 'FarmRecovered';
  await appendOnce(log, { type, id, data }, { expect: (isBad ? troubled : recovered)?.seq ?? 0 });
}

/** The roles that a process of this log ever had. */
function openHeld(hints: Bucket) {
  let known: Set<string> | undefined;
  return {
    with: async (living: readonly string[]): Promise<ReadonlySet<string>> => {
      const entry = known ? null : await hints.get(heldKey);
      known ??= new Set(entry ? (JSON.parse(Buffer.from(entry.value).toString('utf8')) as string[]) : []);
      const fresh = living.filter((role) => !known?.has(role));
      if (fresh.length === 0) return known;
      for (const role of fresh) known.add(role);
      await hints.put(heldKey, JSON.stringify([...known].sort()));
      return known;
    },
  };
}
