import type { Recorded } from '../../events/registry.ts';
import type { EventLog } from '../io/event-log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { type Subject, walkFrom } from './causal-walk.ts';
import { type ChainEntry, causalChain } from './rules/causal-chain.ts';

type Explaining = {
  readonly log: EventLog;
  readonly models: Pick<ReadModels, 'query'>;
  /** Whether the caller may see an event. */
  readonly maySee: (event: Recorded) => boolean;
};

type Explanation = {
  readonly subject: Subject;
  readonly chain: ChainEntry[];
  /** What was left out, in a sentence; null when nothing was. */
  readonly truncated: string | null;
};

/** The most entries of a chain. */
const mostEntries = 500;

/** What led to a finding, a job, an attempt, a bottle or the work on an issue, and what came of it, in the order of the log. */
export async function explain(subject: Subject, { log, models, maySee }: Explaining): Promise<Explanation> {
  const { events, cut } = await walkFrom(subject, { log, models });
  const seen = events.filter(maySee);
  // What was met first is nearest to the subject.
  const kept = seen.slice(0, mostEntries);
  const left = [
    ...cut,
    ...(seen.length > kept.length ? [`${seen.length - kept.length} events farthest from the ${subject.entity}`] : []),
  ];
  const { findings } = models.query();
  return {
    subject,
    chain: causalChain(kept, (identity) => findings.known(identity)?.id),
    truncated: left.length === 0 ? null : `Left out: ${left.join('; ')}. A chain holds ${mostEntries} entries at most.`,
  };
}
