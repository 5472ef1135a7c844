import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { Recorded } from '../../../events/registry.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import type { AppError } from '../../floor/app-error.ts';
import { entityEvents } from '../../history/entity-events.ts';
import { compareDocs } from '../../history/rules/entity-change.ts';
import type { EventLog } from '../../io/event-log.ts';
import { changedSince } from '../if-match.ts';

/** So many events of a project are looked through for what changed. */
const mostEvents = 2_000;
const mostTold = 5;
const mostFields = 20;

type Change = Recorded<'ProjectRegistered' | 'ProjectUpdated' | 'ProjectHandedOver'>;

/** Who changed a project since a version that somebody saw, when, and in which fields. */
export async function projectChangedSince(
  seen: number,
  now: ProjectDoc,
  { log }: { readonly log: EventLog },
): Promise<AppError> {
  const { events } = await entityEvents('ProjectUpdated', { id: now.name, most: mostEvents }, log);
  const begun = events.findLast(({ type, seq }) => type === 'ProjectRegistered' && seq <= now.seq)?.seq ?? 0;
  const all = events.filter((event): event is Change => isChange(event) && event.seq >= begun && event.seq <= now.seq);
  const were = all.filter(({ seq }) => seq <= seen);
  if (were.at(-1)?.seq !== seen)
    return changedSince(`"${seen}" is no version of the project ${now.name}, which is at "${now.seq}": get it anew.`);
  const differ = compareDocs('project', documentOf(were), documentOf(all));
  const names = Object.keys(differ?.after ?? {});
  const faults = names.slice(0, mostFields).map((name) => ({
    path: `/body/${pointerOf(name)}`,
    message: `was ${JSON.stringify(differ?.before?.[name])}, is ${JSON.stringify(differ?.after?.[name])}`,
  }));
  const what = names.length === 0 ? 'in nothing that is shown' : `in ${names.slice(0, mostTold).join(', ')}`;
  const more = names.length > mostTold ? ` and ${names.length - mostTold} more` : '';
  return changedSince(
    `The project ${now.name} was changed since "${seen}", ${what}${more}: ${whoIn(all, seen)}. It is at "${now.seq}" now.`,
    faults,
  );
}

function isChange({ type }: Recorded): boolean {
  return type === 'ProjectRegistered' || type === 'ProjectUpdated' || type === 'ProjectHandedOver';
}

function whoIn(all: readonly Change[], seen: number): string {
  const later = all.filter(({ seq }) => seq > seen);
  const told = later.slice(-mostTold).map(({ actor, time }) => `by ${actor ?? 'the service'} at ${time}`);
  return later.length > mostTold ? `${later.length} times, last ${told.at(-1)}` : told.join(', ');
}

/** The document as these events left it, with its owner. */
function documentOf(events: readonly Change[]): Partial<ProjectDocument> {
  let document: Partial<ProjectDocument> = {};
  for (const event of events)
    if (event.type === 'ProjectHandedOver') document = { ...document, owner: event.data.to };
    else {
      const {
        moved: _moved,
        left: _left,
        ...rest
      } = event.data as ProjectDocument & { moved?: unknown; left?: unknown };
      document = rest;
    }
  return document;
}

/** `subprojects[web].lint` as the pointer `subprojects/web/lint`. */
function pointerOf(field: string): string {
  return field
    .replaceAll('~', '~0')
    .replace(/\[([^\]]*)\]/g, (_all, key: string) => `/${key.replaceAll('/', '~1').replaceAll('.', '\0')}`)
    .replaceAll('.', '/')
    .replaceAll('\0', '.');
}
