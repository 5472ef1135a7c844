import { type Draft, type EventData, type EventName, events, type Recorded } from '../../events/registry.ts';
import { subjectToken } from '../../events/subjects.ts';
import { AppError } from '../floor/app-error.ts';
import { type Appended, type AppendOptions, appendOnce, type EventLog } from '../io/event-log.ts';
import type { ReadModels } from './read-models.ts';

/** What is known of an entity, and the one event that may follow from it. */
type Decision<N extends EventName> = {
  /** The read models; they hold every event of the entity that the log held when this was made. */
  readonly query: ReadModels['query'];
  /** The sequence of the last event of the entity that the facts hold, 0 for none. */
  readonly at: number;
  /** The last event of this name. */
  readonly last: Recorded<N> | null;
  /**
   * Appends the event, unless one of the same name was appended since the facts were looked at. Throws `refusal` then, or
   * AppError('conflict') `changed_meanwhile`.
   */
  append(data: EventData<N>, options?: Appending): Promise<Appended>;
  /** The same; null where somebody else was first. */
  tryAppend(data: EventData<N>, options?: Omit<Appending, 'refusal'>): Promise<Appended | null>;
};

type Appending = Omit<AppendOptions, 'expect'> & { readonly refusal?: () => AppError };

export type DecisionDeps = {
  readonly log: Pick<EventLog, 'append' | 'last' | 'end' | 'flush'>;
  readonly models: Pick<ReadModels, 'query' | 'applied'>;
};

/** How long a decision waits for the read model, in ms. */
const patience = 5_000;

/**
 * Takes the log's position first, waits until the read model has reached it, and only then lets anybody look: whoever decides on
 * what `query` says cannot be overtaken unseen. Throws AppError('unavailable') while the read model lags behind.
 */
export async function decisionOn<N extends EventName>(
  type: N,
  id: string,
  { log, models }: DecisionDeps,
): Promise<Decision<N>> {
  const last = await log.last(type, id);
  // Other events of the entity matter as well: a name is free again when its project was removed.
  const newest = await log.end(`ct.${events[type].entity}.${subjectToken(id)}.*`);
  if (newest > 0 && !(await models.applied(newest, patience)))
    throw new AppError('unavailable', 'The read model lags behind the log.', { retryAfterSecs: 1 });
  const expect = last?.seq ?? 0;
  const tryAppend: Decision<N>['tryAppend'] = async (data, options) => {
    const made = await appendOnce(log, { type, id, data } as Draft<N>, { ...options, expect });
    return made.outcome === 'there' ? null : made;
  };
  return {
    query: models.query,
    at: newest,
    last,
    tryAppend,
    append: async (data, { refusal, ...options } = {}) => {
      const made = await tryAppend(data, options);
      if (made === null) throw refusal?.() ?? changedMeanwhile(events[type].entity, id);
      return made;
    },
  };
}

export function changedMeanwhile(entity: string, id: string): AppError {
  return new AppError('conflict', `The ${entity} ${id} was changed by somebody else at the same moment.`, {
    name: 'changed_meanwhile',
  });
}
