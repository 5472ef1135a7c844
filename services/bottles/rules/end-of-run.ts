import type { BottleEnd } from '../../../events/jobs/bottle.ts';
import type { Cut } from '../../egress/rules/bottle-cut.ts';

/** What is known when the processes of a bottle have ended. */
type RunFacts = {
  /** Whether its agent signalled that it is done. */
  readonly isDone: boolean;
  /** What the egress plane did to it, and for whom. */
  readonly cut: Cut | null;
  /** Whether somebody wanted it to end, or the farm itself was to stop. */
  readonly isStopped: boolean;
  readonly isShutDown: boolean;
  /** Whether it was silent for too long, and for how many seconds that is. */
  readonly silentSecs: number | null;
  /** Why its program ended, if not by itself: in words. */
  readonly detail: string | null;
  readonly exitCode: number | null;
};

/** How a run ended, and why in words. Done is only what its agent signalled. */
export function endOfRun(facts: RunFacts): { readonly ended: BottleEnd; readonly why: string | null } {
  const { isDone, cut, isStopped, isShutDown, silentSecs, detail, exitCode } = facts;
  if (isShutDown) return { ended: 'frozen', why: 'The farm was stopped while it ran; what it had is kept.' };
  if (isStopped) return { ended: 'stopped', why: 'Somebody stopped it.' };
  if (cut?.policy === 'kill') return { ended: 'killed', why: endWords(cut, 'killed') };
  if (cut?.policy === 'freeze') return { ended: 'frozen', why: endWords(cut, 'frozen') };
  if (isDone) return { ended: 'done', why: null };
  if (cut?.policy === 'cutoff') return { ended: 'cut_off', why: endWords(cut, 'cut off') };
  if (silentSecs !== null)
    return {
      ended: 'done_unreported',
      why: `Its agent called nothing for ${silentSecs} s, and never signalled that it is done.`,
    };
  if (detail !== null) return { ended: 'done_unreported', why: detail };
  if (exitCode === 127) return { ended: 'failed', why: 'Its program was not found in the sandbox (exit code 127).' };
  return {
    ended: 'done_unreported',
    why: `Its program ended with ${exitCode ?? 'a signal'}, and never signalled that it is done.`,
  };
}

const causes = { budget: 'It may spend no more', circle: 'It went in a circle' } as const;

/** A person is named, with the reason that they gave; a budget and a circle are not what somebody wanted. */
function endWords({ policy, why, by, detail }: Cut, done: string): string {
  const reason = detail === '' ? '.' : `: ${detail}`;
  const rest = policy === 'cutoff' ? 'did not finish without' : `was ${done}`;
  if (why !== 'asked') return `${causes[why]}, and ${rest}.`;
  const unfinished = policy === 'cutoff' ? `, and ${rest}` : '';
  return `${by ?? 'Somebody'} had it ${done}${unfinished}${reason}`;
}
