import { setTimeout as pause } from 'node:timers/promises';
import type { WaitingTarget } from '../../projections/notices/notice-queries.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Trouble } from '../floor/notice-outcome.ts';
import { openTroubleHints } from '../io/webhook/trouble-hints.ts';
import { addressOf, deliverNotice } from './deliver-notice.ts';
import type { NotifierDeps } from './notice-delivery.ts';

/** What the notifier keeps of a target that it has met. */
type Memory = {
  trouble: Trouble | null;
  /** The record of the last notice: until the read model holds it, the next one is not known. */
  recorded: number;
  /** Nothing is tried before, in ms since 1970: we ourselves are in trouble. */
  restUntil: number;
};

const lookMs = 1_000;
const restMs = 5_000;
const lag = 30_000;
/** Targets that are served at once. */
const mostAtOnce = 256;
/** How long a closing waits for answers that are on their way, in ms. */
const graceMs = 2_000;

/**
 * Delivers to each target its events in order, to all targets at once: one that does not answer delays no other.
 * Who waits for what is in the read model, so a restart goes on where the log ends.
 */
export function startDeliveries(deps: NotifierDeps): { stop(): Promise<void> } {
  const { models, clock, logger } = deps;
  const hints = openTroubleHints(deps.hints);
  const busy = new Map<string, Promise<void>>();
  const met = new Map<string, Memory>();
  const closing = new AbortController();
  let stopped = false;
  let planned = false;

  const meet = async (key: string): Promise<Memory> => {
    const known = met.get(key);
    if (known) return known;
    const fresh: Memory = { trouble: await hints.get(key).catch(() => null), recorded: 0, restUntil: 0 };
    met.set(key, fresh);
    return fresh;
  };
  const mayTry = (target: WaitingTarget, { trouble, restUntil }: Memory): boolean => {
    if (clock.now() < restUntil) return false;
    if (trouble === null || clock.now() >= trouble.next_at) return true;
    return trouble.ref !== addressOf(target, models.query().projects.find(target.project));
  };
  const setTrouble = async (target: WaitingTarget, memory: Memory, trouble: Trouble | null) => {
    if (memory.trouble === null && trouble === null) return;
    memory.trouble = trouble;
    await hints.set(target.key, trouble).catch(() => {});
    if (trouble === null || trouble.next_at <= clock.now()) return;
    const { project, channel, target: name } = target;
    const { reason, attempts, next_at } = trouble;
    const nextTry = new Date(next_at).toISOString();
    logger.warn({ project, channel, target: name, reason, attempts, nextTry }, 'a notice was not delivered');
  };
  /** Delivers everything that a target waits for, until a delivery fails. */
  const serve = async (target: WaitingTarget): Promise<void> => {
    const memory = await meet(target.key);
    while (!stopped && mayTry(target, memory)) {
      if (!(await models.applied(memory.recorded, lag))) throw new Error('the read model lags behind');
      const { notices, projects } = models.query();
      const due = notices.next(target.project, target.channel, target.target);
      if (!due) return rest(target, memory);
      const moved = memory.trouble?.ref !== addressOf(target, projects.find(target.project));
      const before = moved ? null : memory.trouble;
      const delivered = await deliverNotice({ target, due, before, signal: closing.signal }, deps);
      await setTrouble(target, memory, delivered.trouble);
      if (delivered.seq === null) return;
      memory.recorded = delivered.seq;
    }
  };
  /** There is nothing to tell, or it is not what the numbers say: then they are not looked at all the time. */
  const rest = ({ project, channel, target }: WaitingTarget, memory: Memory) => {
    if ((models.query().notices.target(project, channel, target)?.pending ?? 0) > 0)
      memory.restUntil = clock.now() + restMs;
  };
  const begin = (target: WaitingTarget) => {
    const run = serve(target)
      .catch((error) => {
        if (stopped) return;
        const memory = met.get(target.key);
        if (memory) memory.restUntil = clock.now() + restMs;
        const { project, channel, target: name } = target;
        logger.warn({ project, channel, target: name, error: messageOf(error) }, 'a notice could not be sent');
      })
      .finally(() => {
        busy.delete(target.key);
        plan();
      });
    busy.set(target.key, run);
  };
  const look = () => {
    planned = false;
    if (stopped) return;
    for (const target of models.query().notices.waiting()) {
      if (busy.size >= mostAtOnce) return;
      const memory = met.get(target.key);
      if (!busy.has(target.key) && (!memory || mayTry(target, memory))) begin(target);
    }
  };
  const plan = () => {
    if (!planned) setImmediate(look);
    planned = true;
  };

  const stopListening = models.onCommit(plan);
  const timer = clock.every(lookMs, async () => plan());
  plan();
  return {
    stop: async () => {
      stopped = true;
      stopListening();
      await timer.stop();
      const over = Promise.allSettled(busy.values());
      await Promise.race([over, pause(graceMs, undefined, { ref: false })]);
      closing.abort();
      await over;
    },
  };
}
