import type { Recorded } from '../../../events/registry.ts';
import { subjectToken } from '../../../events/subjects.ts';
import type { AppError } from '../../floor/app-error.ts';
import { entityEvents } from '../../history/entity-events.ts';
import type { EventLog } from '../../io/event-log.ts';
import { changedSince } from '../if-match.ts';

const mostEvents = 1_000;
const mostTold = 5;
const rights = ['role', 'scopes', 'projects', 'expires_at'] as const;

type Knowing = { readonly log: EventLog };

/** The sequence of the last event of a bearer, which names its version. */
export function tokenVersion(name: string, { log }: Knowing): Promise<number> {
  return log.end(`ct.token.${subjectToken(name)}.*`);
}

/** What happened to a bearer since a version that somebody saw. */
export async function tokenChangedSince(
  seen: number,
  { name, version }: { readonly name: string; readonly version: number },
  { log }: Knowing,
): Promise<AppError> {
  const { events } = await entityEvents('TokenChanged', { id: name, most: mostEvents }, log);
  if (!events.some(({ seq }) => seq === seen))
    return changedSince(`"${seen}" is no version of the bearer ${name}, which is at "${version}": get it anew.`);
  const later = events.filter(({ seq }) => seq > seen && seq <= version);
  const told = later
    .slice(-mostTold)
    .map(({ type, actor, time }) => `${type} by ${actor ?? 'the service'} at ${time}`)
    .join(', ');
  const [was, is] = [rightsOf(events.filter(({ seq }) => seq <= seen)), rightsOf(later)];
  const faults = rights
    .filter((right) => is[right] !== undefined && JSON.stringify(was[right]) !== JSON.stringify(is[right]))
    .map((right) => ({
      path: `/body/${right}`,
      message: `was ${JSON.stringify(was[right])}, is ${JSON.stringify(is[right])}`,
    }));
  return changedSince(`The bearer ${name} was changed since "${seen}": ${told}. It is at "${version}" now.`, faults);
}

/** What the last of these events that says so gives a bearer. */
function rightsOf(events: readonly Recorded[]): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...events.map(({ data }) => data));
}
