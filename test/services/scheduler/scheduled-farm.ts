import type { EventName, Recorded } from '../../../events/registry.ts';
import { filterOf } from '../../../events/subjects.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { type Log, silent } from '../../../services/io/log.ts';
import { type TestFarm, withFarm } from '../../support/farm.ts';
import { type MovedClock, movedClock } from '../../support/moved-clock.ts';
import { twice } from '../../support/twice.ts';

export type Scene = {
  readonly farm: TestFarm;
  readonly clock: MovedClock;
  /** What the farm warned of, for the words of a test that fails. */
  readonly warned: readonly string[];
};

/** Digests and notices have tests, and a use for the clock, of their own. */
export const env = { CRAFTING_ROLES: 'api,parser,projector,runner,scheduler' };

const fourYears = 4 * 365 * 86_400_000;

/** A farm whose time is set by hand. It stands long before `time` at first: what is registered then is old at the first beat. */
export function withClock(
  time: string,
  work: (scene: Scene) => Promise<void>,
  more: Record<string, string> = {},
): Promise<void> {
  const clock = movedClock(Date.parse(time) - fourYears);
  const warned: string[] = [];
  const keep = (...facts: unknown[]) => void warned.push(JSON.stringify(facts));
  const logger: Log = { ...silent, warn: keep, error: keep };
  const settings = { env: { ...env, ...more }, parts: { clock, consumer: twice }, logger };
  return withFarm((farm) => work({ farm, clock, warned }), settings);
}

/** Every event of a name that the log holds, oldest first. */
export async function allOf<N extends EventName>(log: EventLog, type: N): Promise<Recorded<N>[]> {
  const end = await log.end(filterOf(type));
  const found: Recorded<N>[] = [];
  if (end === 0) return found;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const follower = await log.follow({
    from: 1,
    filter: filterOf(type),
    onEvent: (event) => {
      found.push(event as Recorded<N>);
      if (event.seq >= end) resolve();
    },
    onError: reject,
  });
  await promise.finally(() => follower.stop());
  return found;
}

/** The slots that were used, as `<day>T<hour>:<minute> <why> <missed>`, without the first `skip` of them. */
export async function firedIn({ store }: Pick<TestFarm, 'store'>, skip = 0): Promise<string[]> {
  const fired = await allOf(store.log, 'ScheduleFired');
  return fired.slice(skip).map(({ data }) => `${data.slot.slice(5, 16)} ${data.why} ${data.missed}`);
}

/** One beat, after which the read model holds what it brought about. */
export async function beat({ farm, clock }: Pick<Scene, 'farm' | 'clock'>, time: string): Promise<void> {
  clock.set(time);
  await clock.beat();
  await farm.models?.applied(await farm.store.log.end());
}
