import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import { secretId } from '../../events/people/secret.ts';
import type { EventData } from '../../events/registry.ts';
import type { EventLog } from '../io/event-log.ts';
import { namedSecrets, placesOf } from './rules/secret-rules.ts';

/** Where the value of a secret lies, and on which branches it is let in; null: on the default branch alone. */
export type FoundSecret = Pick<EventData<'SecretSet'>, 'name' | 'value_ref' | 'branches'>;

/** The secrets that a job's recipe names, as they are now, of the nearest layer each; those that are not set are missing. */
export type FindSecrets = (job: JobEnqueuedData) => Promise<FoundSecret[]>;

/** Reads them from the log, so that a runner without read models finds them too. */
export function secretsInLog(log: Pick<EventLog, 'last'>): FindSecrets {
  return async (job) => {
    const registered = await log.last('ProjectRegistered', job.project);
    const names = namedSecrets(job.snapshot.subproject, job.recipe);
    const found = await Promise.all(names.map((name) => nearest(name, { job, since: registered?.seq ?? 0 }, log)));
    return found.flatMap((one) => one ?? []);
  };
}

type Looking = { readonly job: JobEnqueuedData; readonly since: number };

/** What was set for a project of this name before it was registered anew is not its own. */
async function nearest(
  name: string,
  { job, since }: Looking,
  log: Pick<EventLog, 'last'>,
): Promise<FoundSecret | null> {
  for (const place of placesOf(job, name)) {
    const id = secretId(place);
    const [set, removed] = await Promise.all([log.last('SecretSet', id), log.last('SecretRemoved', id)]);
    if (!set || (removed && removed.seq > set.seq) || (place.layer === 'project' && set.seq < since)) continue;
    const { value_ref, branches, teams } = set.data;
    if (teams === null || teams.includes(job.owner)) return { name, value_ref, branches };
  }
  return null;
}
