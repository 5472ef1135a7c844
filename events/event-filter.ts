import type { EventFilter } from './people/account.ts';
import { events, type Recorded } from './registry.ts';

/** The entity that an event is about. */
export function entityOf({ type }: Pick<Recorded, 'type'>) {
  return events[type].entity;
}

/** The project that an event belongs to, or null. */
export function projectOf(event: Recorded): string | null {
  if (entityOf(event) === 'project') return event.entityId;
  return 'project' in event.data ? event.data.project : null;
}

/** Whether a list lets an event through: an empty list leaves nothing out. */
export function matchesFilter({ events: names, projects, severities }: EventFilter, event: Recorded): boolean {
  if (names.length > 0 && !names.includes(event.type)) return false;
  if (projects.length > 0 && !projects.includes(projectOf(event) ?? '')) return false;
  if (severities.length === 0 || event.type !== 'FindingDetected') return true;
  return severities.includes(event.data.finding.severity);
}
