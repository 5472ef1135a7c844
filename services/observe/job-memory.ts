import type { Recorded } from '../../events/registry.ts';

/** What is known of a job or an attempt while it goes on; times in ms since 1970. */
export type Going = {
  readonly began: number;
  readonly correlationId: string;
  /** Of the event that began it. */
  readonly eventId: string;
  /** The thing above it, as `spanIdOf` names it; null where an event is. */
  readonly above: string | null;
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  /** When which event came, by its name. */
  readonly at: Map<string, number>;
  timings: Recorded<'RecipeExited'>['data']['timings'] | null;
  /** Whether its spans are sent. */
  told: boolean;
};

/** Far more than go on at once: what was forgotten is told without its beginning. */
const mostGoing = 20_000;

/** Remembers what jobs and attempts went through, from the events that a process hears since it started. */
export function jobMemory() {
  const going = new Map<string, Going>();
  const keep = (id: string, one: Going) => {
    going.set(id, one);
    const oldest = going.size > mostGoing ? going.keys().next().value : undefined;
    if (oldest !== undefined) going.delete(oldest);
  };
  return {
    /** What is known of the entity of an event, this event included; null when its beginning was not heard. */
    see: (event: Recorded): Going | null => {
      const time = Date.parse(event.time);
      const begun = beginningOf(event);
      if (begun !== null && !going.has(event.entityId)) {
        const { correlationId, eventId } = event;
        const fresh = { began: time, correlationId, eventId, at: new Map(), timings: null, told: false };
        keep(event.entityId, { ...fresh, ...begun });
      }
      const known = going.get(event.entityId) ?? null;
      known?.at.set(event.type, time);
      if (known && event.type === 'RecipeExited') known.timings = event.data.timings ?? null;
      return known;
    },
    forget: (id: string) => going.delete(id),
  };
}

function beginningOf(event: Recorded): Pick<Going, 'title' | 'facts' | 'above'> | null {
  if (event.type === 'JobEnqueued') {
    const { project, subproject, recipe, branch, purpose, patch } = event.data;
    const facts = { project, subproject, recipe, branch, purpose };
    return { title: `job ${recipe} ${subproject}`, facts, above: patch ? `patch ${patch.patch_id}` : null };
  }
  if (event.type !== 'PatchRequested') return null;
  const { project, subproject, recipe, job_id } = event.data;
  return { title: `patch ${subproject}`, facts: { project, subproject, recipe }, above: `job ${job_id}` };
}
