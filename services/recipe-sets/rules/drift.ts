import type { RecipeSourceDoc } from '../../../projections/projects/recipe-sources.ts';
import type { NextStep } from './rollout-step.ts';

/** How far what projects have is from what the ref says. */
export type Drift = 'none' | 'on_its_way' | 'waits_for_a_person' | 'refused' | 'unreadable' | 'unknown';

type Seen = Pick<RecipeSourceDoc, 'seen' | 'refused' | 'versions'>;

/** Why the newest version is not everywhere, and what that is called. */
export function driftOf({ seen, refused, versions }: Seen, next: NextStep): { drift: Drift; waits: string | null } {
  if (seen?.trouble) return { drift: 'unreadable', waits: seen.trouble.detail };
  if (seen && refused && seen.sha === refused.sha) {
    const [first] = refused.faults;
    return { drift: 'refused', waits: `${first?.path ?? ''} ${first?.message ?? ''}`.trim() };
  }
  if (next.does === 'wait') return { drift: next.needs ? 'waits_for_a_person' : 'on_its_way', waits: next.why };
  if (next.does === 'decide') return { drift: 'on_its_way', waits: next.reason };
  if (seen === null) return { drift: 'unknown', waits: 'nobody looked at it yet' };
  return seen.sha === versions[0]?.sha
    ? { drift: 'none', waits: null }
    : { drift: 'on_its_way', waits: 'its documents are being read' };
}
