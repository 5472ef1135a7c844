import type { Cause } from '../../events/envelope.ts';
import type { AgentRunRequestedData } from '../../events/jobs/bottle.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import { newJobId } from '../jobs/new-job-id.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';

type RunRequest = Omit<AgentRunRequestedData, 'bottle_id'> & {
  /** Of one who derives it; asking again under the same id asks for nothing more. */
  readonly bottle_id?: string;
  /** What it is asked for by; the same causes ask for one bottle, however often. Without: a new one each time. */
  readonly causes?: readonly string[];
};

/** The id of the bottle that these causes ask for. */
export function bottleIdOf(causes: readonly string[]): string {
  return derivedJobId('bottle', ...causes);
}

/** Asks for a run of an agent; answers its bottle. Everything else follows from the event. */
export async function requestRun(
  { causes, bottle_id: given, ...asked }: RunRequest,
  { log, cause }: { readonly log: Pick<EventLog, 'append' | 'last' | 'flush'>; readonly cause?: Cause },
): Promise<{ bottle_id: string; seq: number; isNew: boolean }> {
  const bottle_id = given ?? (causes ? bottleIdOf(causes) : newJobId());
  const appended = await appendOnce(
    log,
    { type: 'AgentRunRequested', id: bottle_id, data: { bottle_id, ...asked } },
    { expect: 0, ...(cause ? { cause } : {}) },
  );
  return { bottle_id, seq: appended.seq, isNew: appended.outcome === 'appended' && !appended.duplicate };
}
