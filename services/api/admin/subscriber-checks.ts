import { isEventName } from '../../../events/registry.ts';
import { AppError } from '../../floor/app-error.ts';
import type { EventLog } from '../../io/event-log.ts';
import { isUserKey } from '../../io/nats/accounts/user-key.ts';
import type { Queries } from '../../projector/read-models.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import type { ApiDeps } from '../define.ts';

/** Each is an account on the server, and a copy of what it hears. */
const mostSubscribers = 200;

type Asked = {
  readonly name: string;
  readonly events: readonly string[];
  readonly projects: readonly string[];
  readonly public_key: string | undefined;
};

/** Throws AppError('invalid') that names the field, or ('conflict') for a key or a place that is taken. */
export function checkSubscriber({ name, events, projects, public_key }: Asked, query: Queries): void {
  const { subscribers, runners } = query.accounts;
  const event = events.findIndex((one) => !isEventName(one));
  if (event >= 0) throw fault(`/body/events/${event}`, `there is no event ${events[event]}`);
  const project = projects.findIndex((one) => !query.projects.find(one));
  if (project >= 0) throw fault(`/body/projects/${project}`, `there is no project ${projects[project]}`);
  const others = subscribers.list().filter((one) => one.name !== name);
  if (others.length >= mostSubscribers)
    throw new AppError('conflict', `There are ${others.length} subscribers; ${mostSubscribers} is the limit.`, {
      name: 'too_many_subscribers',
    });
  if (public_key === undefined) return;
  if (!isUserKey(public_key)) throw fault('/body/public_key', 'expected the public key of a NATS user (U…)');
  if ([...others, ...runners.list()].some((one) => one.public_key === public_key)) throw keyTaken();
}

/**
 * Whether another account has had a given key since before this one. No sequence of one name guards against a second name. So
 * it is looked at once more when the event is in the read model, and the later one goes.
 */
export function isKeyShared(
  publicKey: string | undefined,
  { name, seq }: { name: string; seq: number },
  { models }: Pick<ApiDeps, 'models'>,
): boolean {
  const { subscribers, runners } = models.query().accounts;
  return (
    publicKey !== undefined &&
    [...subscribers.list(), ...runners.list()].some(
      (one) => one.public_key === publicKey && one.seq < seq && one.name !== name,
    )
  );
}

export function keyTaken(): AppError {
  return new AppError('conflict', 'The public key is in use by another one; each has its own.', { name: 'key_taken' });
}

/** The first sequence that is wanted: `start`, `now`, a sequence, or a time. Throws AppError('invalid'). */
export async function firstSequence(from: string | number, log: EventLog): Promise<number> {
  if (from === 'start') return 1;
  const next = (await log.end()) + 1;
  if (from === 'now') return next;
  const text = String(from);
  const isSequence = /^\d{1,15}$/.test(text);
  const first = Math.max(1, isSequence ? Number(text) : (await timeAt(text, log)) + 1);
  if (first > next) throw fault('/body/from', `the log ends at ${next - 1}; found ${text}`);
  return first;
}

async function timeAt(text: string, log: EventLog): Promise<number> {
  try {
    return await sequenceAt(text, log);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error;
    throw fault('/body/from', 'expected a sequence, an ISO 8601 time, `start` or `now`');
  }
}

function fault(path: string, message: string): AppError {
  return new AppError('invalid', `${path}: ${message}`, { faults: [{ path, message }] });
}
