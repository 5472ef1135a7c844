import type { EventData } from '../../../events/registry.ts';
import type { CutoffPolicy } from '../../../events/work/budget.ts';

/** What ends a bottle or limits it, why, and who asked (`by`; null for a budget and a circle). */
export type Cut = Pick<EventData<'AgentCutOff'>, 'why' | 'detail'> & {
  readonly policy: CutoffPolicy;
  readonly by: string | null;
};
