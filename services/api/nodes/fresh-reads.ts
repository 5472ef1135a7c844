import type { EventLog } from '../../io/event-log.ts';
import type { ReadModels } from '../../projector/read-models.ts';

/** How long a request waits for events that another process was already asked for, in ms. */
const patience = 2_000;

/**
 * Resolves when the read models hold what the log held when this was called: who was answered by another process finds here what
 * it was told there. One question to the log serves all who come while it is under way. A log that does not answer holds up nobody.
 */
export function freshReads(log: Pick<EventLog, 'end'>, models: Pick<ReadModels, 'applied'>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const look = async () => {
    const end = await log.end().catch(() => 0);
    if (end > 0) await models.applied(end, patience);
  };
  const begin = () => {
    running = look().finally(() => {
      running = null;
    });
    return running;
  };
  return () => {
    // The question that is under way may have been asked before what this caller was told.
    if (!running) return begin();
    next ??= running.then(() => {
      next = null;
      return begin();
    });
    return next;
  };
}
