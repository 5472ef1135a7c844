import type { Draft } from '../../events/registry.ts';
import { AppError, isAppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';

/** Appends what nobody else may have done at the same time; `what` names it. Throws AppError('conflict'). */
export async function appendNext(log: EventLog, draft: Draft, what: string): Promise<number> {
  const last = await log.last(draft.type, draft.id);
  try {
    return (await log.append(draft, { expect: last?.seq ?? 0 })).seq;
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
    throw new AppError('conflict', `The ${what} ${draft.id} was changed by somebody else at the same moment.`);
  }
}
