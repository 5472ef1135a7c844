import type { Recorded } from '../../events/registry.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { HostModels } from '../projector/host-models.ts';
import { countEvent } from './count-event.ts';
import { jobMemory } from './job-memory.ts';
import type { Meters } from './meters.ts';
import { tellEvent } from './tell-event.ts';
import type { TraceEvents } from './trace-events.ts';

type Watching = {
  readonly log: EventLog;
  readonly models: Pick<HostModels, 'onCommit' | 'seq'>;
  readonly logger: Log;
  readonly meters: Meters;
  readonly clock: Clock;
  /** Null where no collector is named. */
  readonly traces: TraceEvents | null;
};

/** More than come in the time in which read models catch up: what is above is not measured. */
const mostWaiting = 10_000;

/**
 * Hears every event from now on: counts it, writes a line about what ended, and makes spans of it. It changes nothing, and
 * nothing waits for it. When it cannot go on it says so once, and the farm goes on without.
 */
export async function watchEvents({
  log,
  models,
  logger,
  meters,
  traces,
  clock,
}: Watching): Promise<{ stop(): Promise<void> }> {
  const memory = jobMemory();
  const unseen: Recorded[] = [];
  const seen = (upTo: number) => {
    const at = clock.now();
    for (let first = unseen[0]; first !== undefined && first.seq <= upTo; first = unseen[0]) {
      unseen.shift();
      meters.lag.observe(Math.max(0, at - Date.parse(first.time)) / 1000);
      if (first.type === 'FindingsParsed') traces?.projected(first, at);
    }
  };
  const forget = models.onCommit(seen);
  const follower = await log.follow({
    from: (await log.end()) + 1,
    onEvent: (event) => {
      if (unseen.length < mostWaiting) unseen.push(event);
      seen(models.seq());
      const going = memory.see(event);
      countEvent(event, going, meters);
      tellEvent(event, going, logger);
      traces?.see(event, going);
      if (event.type === 'FindingsParsed') memory.forget(event.entityId);
    },
    // What cannot be opened is the projector's to complain about.
    onStuck: () => {},
    onError: (error) => logger.warn({ error: messageOf(error) }, 'events are counted no longer'),
  });
  return {
    stop: async () => {
      forget();
      await follower.stop();
    },
  };
}
