import type { Clock } from '../floor/clock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Meters } from './meters.ts';
import type { TraceEvents } from './trace-events.ts';

type Measuring = Pick<Meters, 'append'> & { readonly traces: TraceEvents | null; readonly clock: Clock };

/** The same log; how long each append took is measured, and a span where traces are sent. */
export function meteredLog(log: EventLog, { append, traces, clock }: Measuring): EventLog {
  return {
    ...log,
    append: async (draft, options) => {
      const [from, startedAt] = [clock.now(), performance.now()];
      const done = await log.append(draft, options);
      const ms = performance.now() - startedAt;
      append.observe(ms / 1000);
      const { eventId, duplicate } = done;
      const correlationId = options?.cause?.correlationId ?? eventId;
      if (!duplicate) traces?.appended({ type: draft.type, eventId, correlationId, from, to: from + ms });
      return done;
    },
  };
}
