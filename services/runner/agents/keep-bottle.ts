import type { BottleEnd } from '../../../events/jobs/bottle.ts';
import type { LeftBottle } from '../../../events/jobs/job.ts';
import { changedPaths } from '../../bottles/rules/changed-paths.ts';
import { type FrozenFile, frozenLimitWords, packState, unpackState } from '../../bottles/rules/frozen-state.ts';
import type { Provider } from '../../bottles/rules/providers/define.ts';
import { readSession } from '../../bottles/session-files.ts';
import { isAppError } from '../../floor/app-error.ts';
import type { Checkout } from '../../io/git/trees/checkout.ts';
import type { BottleStore } from '../../io/nats/stores/bottle-store.ts';
import type { PreparedCell } from '../home/job-cell.ts';

/** A frozen state as a run gets it. `note`: what of it could not be had, for its agent to know. */
export type KeptState = { readonly diff: string; readonly files: readonly FrozenFile[]; readonly note: string | null };

type Ended = {
  readonly ended: BottleEnd;
  readonly why: string | null;
  readonly turns: number | null;
  readonly provider: Pick<Provider, 'session'>;
};

type Scene = {
  readonly checkout: Pick<Checkout, 'changes'>;
  readonly cell: Pick<PreparedCell, 'places'>;
  readonly say: (text: string) => void | Promise<void>;
  readonly deps: { readonly bottles: BottleStore };
};

/** Keeps what a bottle left, once its processes have ended: its diff and its session. One that was killed leaves nothing. */
export async function keepBottle({ ended, why, turns, provider }: Ended, scene: Scene): Promise<LeftBottle> {
  const { checkout, cell, say, deps } = scene;
  if (ended === 'killed') return { ended, why, turns, diff: null, session: null };
  const changed = await checkout.changes().catch((error: unknown) => {
    if (!isAppError(error)) throw error;
    return error;
  });
  if (typeof changed !== 'string')
    return {
      ended: 'failed',
      why: `What it changed cannot be kept: ${changed.message}`,
      turns,
      diff: null,
      session: null,
    };
  const bytes = Buffer.from(changed);
  const diff =
    changed === ''
      ? null
      : { digest: await deps.bottles.put(bytes), files: changedPaths(changed).length, bytes: bytes.length };
  const files = await readSession(cell.places.home, provider.session);
  if (files === null)
    await say(`its session has more than ${frozenLimitWords}, which is the most that is kept: its diff alone is`);
  const state = files === null ? { diff: changed, files: [], note: tooLarge } : { diff: changed, files };
  const session = await deps.bottles.put(packState(state));
  return { ended, why, turns, diff, session };
}

/** What was done is not to be lost with what was said: a later run goes on from the tree. */
const tooLarge = `Your earlier session had more than ${frozenLimitWords}, and nothing of it was kept: you remember nothing. What you changed is in the tree.`;

/** The state that a run goes on from; a note says where it is gone. */
export async function thawState(digest: string, { bottles }: { readonly bottles: BottleStore }): Promise<KeptState> {
  const bytes = await bottles.get(digest);
  const state = bytes === null ? null : unpackState(bytes);
  if (state === null)
    return { diff: '', files: [], note: 'Your earlier session is gone: nothing of it is here but what is told below.' };
  return { ...state, note: state.note ?? null };
}
