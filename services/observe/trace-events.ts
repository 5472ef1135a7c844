import type { Recorded } from '../../events/registry.ts';
import type { Log } from '../io/log.ts';
import type { Going } from './job-memory.ts';
import { openExporter } from './otlp-exporter.ts';
import { patchOutcomes } from './patch-outcomes.ts';
import { beginningSpan, beginsTrace, type Heard, jobSpans, patchSpans, span } from './rules/event-spans.ts';
import type { OtlpSettings } from './rules/otlp-settings.ts';
import { spanIdOf } from './rules/trace-ids.ts';

export type TraceEvents = {
  /** Makes the spans of what ends with this event. */
  see(event: Recorded, going: Going | null): void;
  /** The read models show the end of a job since `at`, in ms since 1970. */
  projected(event: Recorded<'FindingsParsed'>, at: number): void;
  /** An event took so long to be appended. */
  appended(said: { type: string; eventId: string; correlationId: string; from: number; to: number }): void;
  stop(): Promise<void>;
};

const mostBeginnings = 10_000;

/** Turns what is heard of jobs and attempts into spans, and sends them. */
export function openTraces(settings: OtlpSettings, logger: Log): TraceEvents {
  const exporter = openExporter(settings, logger);
  const begun = new Set<string>();
  const heardOf = (going: Going): Heard => ({ ...going, parent: parentOf(going, begun) });
  return {
    see: (event, going) => {
      if (beginsTrace(event)) {
        begun.add(event.correlationId);
        const oldest = begun.size > mostBeginnings ? begun.values().next().value : undefined;
        if (oldest !== undefined) begun.delete(oldest);
        exporter.add(beginningSpan(event));
      }
      if (going === null) return;
      if (event.type === 'FindingsParsed' && (event.data.reading ?? 1) === 1)
        for (const one of jobSpans(event, heardOf(going))) exporter.add(one);
      const outcome = patchOutcomes[event.type];
      if (outcome !== undefined && !going.told) {
        going.told = true;
        for (const one of patchSpans(event, outcome, heardOf(going))) exporter.add(one);
      }
    },
    projected: (event, at) => {
      const { correlationId, entityId, time } = event;
      const parent = spanIdOf(`job ${entityId}`);
      exporter.add(
        span(correlationId, `project ${entityId}`, { parent, name: 'project', from: Date.parse(time), to: at }),
      );
    },
    appended: ({ type, eventId, correlationId, from, to }) => {
      const attributes = { 'crafting_table.event': type };
      const parent = begun.has(correlationId) ? spanIdOf(`event ${correlationId}`) : null;
      exporter.add(span(correlationId, `append ${eventId}`, { parent, name: 'append', from, to, attributes }));
    },
    stop: () => exporter.stop(),
  };
}

/** A proof stands below its attempt, an attempt below the job that saw the finding, a job below what asked for it. */
function parentOf({ above, correlationId, eventId }: Going, begun: ReadonlySet<string>): string | null {
  if (above !== null) return spanIdOf(above);
  return correlationId !== eventId && begun.has(correlationId) ? spanIdOf(`event ${correlationId}`) : null;
}
