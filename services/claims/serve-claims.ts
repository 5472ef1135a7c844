import type { Msg } from '@nats-io/transport-node';
import { UnopenableEvent } from '../../events/envelope.ts';
import { subjectToken as tokenOf } from '../../events/subjects.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import type { ClaimRefusal } from '../jobs/claim-protocol.ts';
import { type JobKeeper, keepJobs } from '../jobs/keep-jobs.ts';
import { answerClaim } from './answer-claim.ts';
import type { ClaimsDeps } from './claim-deps.ts';
import { openOutputStore } from './store-output.ts';

export type Claims = { stop(): Promise<void> };

/** Requests that are worked on at once; more are told to come again. */
const mostAtOnce = 256;

/**
 * Takes what runners of other machines say, checks it, and does it in their name. Several processes share the work; a message
 * that is malformed, stale, of a stranger or of somebody else's job changes nothing.
 */
export async function serveClaims(deps: ClaimsDeps): Promise<Claims> {
  const { nats, logger } = deps;
  const keeper: JobKeeper = await keepJobs(deps);
  const output = openOutputStore(deps, keeper);
  const working = new Set<Promise<void>>();

  const answer = async (message: Msg): Promise<Uint8Array> => {
    const [, runner = '', verb = '', ...rest] = message.subject.split('.');
    try {
      if (!isKnown(runner, deps)) throw new AppError('forbidden', 'This farm has no runner of that name.');
      if (!keeper.isReady()) throw new AppError('unavailable', 'The jobs are still being counted.');
      const said =
        verb === 'put'
          ? await output.store(message, { runner, subject: rest.join('.') })
          : await answerClaim(verb, message.data, { ...deps, runner, keeper, version });
      return Buffer.from(JSON.stringify(said));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.refused.code === 'internal')
        logger.error({ runner, verb, error: messageOf(error) }, 'a message of a runner failed');
      else logger.debug({ runner, verb, ...refusal.refused }, 'a message of a runner was refused');
      return Buffer.from(JSON.stringify(refusal));
    }
  };
  const subscription = nats.connection.subscribe('ct-claim.*.>', {
    queue: 'crafting-table',
    callback: (error, message) => {
      if (error) return;
      if (working.size >= mostAtOnce) {
        message.respond(JSON.stringify({ refused: { code: 'unavailable', message: 'Too much at once.' } }));
        return;
      }
      const one: Promise<void> = answer(message)
        .then((bytes) => void message.respond(bytes))
        .catch(() => {})
        .finally(() => working.delete(one));
      working.add(one);
    },
  });
  return {
    stop: async () => {
      subscription.unsubscribe();
      await Promise.all([...working]);
      await keeper.stop();
    },
  };
}

function isKnown(runner: string, { models }: ClaimsDeps): boolean {
  return models
    .query()
    .accounts.runners.list()
    .some(({ name }) => tokenOf(name) === runner);
}

function refusalOf(error: unknown): ClaimRefusal {
  if (error instanceof UnopenableEvent) return { refused: { code: 'invalid', message: error.message.slice(0, 500) } };
  if (!isAppError(error)) return { refused: { code: 'internal', message: 'The farm could not do that.' } };
  const seq = error.code === 'conflict' && typeof error.cause === 'number' ? { seq: error.cause } : {};
  return { refused: { code: error.code, message: error.message.slice(0, 500), ...seq } };
}
