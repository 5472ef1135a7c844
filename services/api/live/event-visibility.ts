import { entityOf, projectOf } from '../../../events/event-filter.ts';
import type { Recorded } from '../../../events/registry.ts';
import type { ReadModels } from '../../projector/read-models.ts';
import type { Caller } from '../authenticate.ts';

export const shownEntities = [
  'token',
  'secret',
  'team',
  'project',
  'job',
  'finding',
  'patch',
  'bottle',
  'forge',
  'filter',
  'grant',
  'schedule',
  'digest',
  'notice',
  'delivery',
  'subscriber',
  'runner',
  'registration',
  'recipes',
  'farm',
  'budget',
  'spend',
  'signing',
  'work',
] as const;

/**
 * An admin sees everything; others what belongs to a project that is theirs now. A name may have been somebody else's
 * before: its older events, and those of jobs of that time, stay hidden. Ask once the read model holds the event.
 */
export function maySee(
  event: Recorded,
  { owner, projects: among }: Caller,
  models: Pick<ReadModels, 'query'>,
): boolean {
  const name = projectOf(event);
  // A source of the farm tells of the projects of every team, and its events are an admin's to see.
  if (entityOf(event) === 'recipes' && among === null && 'owner' in event.data && event.data.owner === owner)
    return true;
  if (among !== null && !among.includes(name ?? '')) return false;
  if (owner === null) return true;
  if (name === null) return false;
  const { projects, jobs } = models.query();
  const project = projects.find(name);
  if (project?.owner !== owner || event.time < project.created_at) return false;
  return !('job_id' in event.data) || jobs.find(event.data.job_id)?.owner === owner;
}
