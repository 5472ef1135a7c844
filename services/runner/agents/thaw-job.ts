import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import { isAppError } from '../../floor/app-error.ts';
import type { Checkout, CheckoutRequest } from '../../io/git/trees/checkout.ts';
import type { Workspaces } from '../../io/git/trees/workspaces.ts';
import { type KeptState, thawState } from './keep-bottle.ts';
import type { AgentDeps } from './run-agent.ts';

/** The frozen state that the agent of a job goes on from; null where there is none. */
export async function thawedFor(
  { bottle }: JobEnqueuedData,
  agents: AgentDeps | null | undefined,
): Promise<KeptState | null> {
  return bottle?.session && agents ? thawState(bottle.session, agents) : null;
}

/** A tree with what was changed in it before. Where that does not fit its commit any more, it is left out, and said. */
export async function checkOutThawed(
  wanted: CheckoutRequest,
  thawed: KeptState | null,
  { workspaces }: { readonly workspaces: Pick<Workspaces, 'checkout'> },
): Promise<{ readonly checkout: Checkout; readonly thawed: KeptState | null }> {
  if (thawed === null || thawed.diff === '') return { checkout: await workspaces.checkout(wanted), thawed };
  try {
    return { checkout: await workspaces.checkout({ ...wanted, diff: thawed.diff }), thawed };
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    const note = 'Your earlier changes do not fit the commit at hand, and are not in the tree: make them anew.';
    return { checkout: await workspaces.checkout(wanted), thawed: { ...thawed, note } };
  }
}
