import type { BottleEnd } from '../../../events/jobs/bottle.ts';
import type { CutoffPolicy } from '../../../events/work/budget.ts';

/** What is known when the processes of a bottle have ended. */
type RunFacts = {
  /** Whether its agent signalled that it is done. */
  readonly isDone: boolean;
  /** By which policy the egress plane ended it. */
  readonly cut: CutoffPolicy | null;
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
  if (cut === 'kill') return { ended: 'killed', why: 'It may spend no more, and was killed.' };
  if (cut === 'freeze') return { ended: 'frozen', why: 'It may spend no more, and was frozen.' };
  if (isDone) return { ended: 'done', why: null };
  if (cut === 'cutoff') return { ended: 'cut_off', why: 'It may spend no more, and did not finish without.' };
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
