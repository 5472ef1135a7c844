import type { Cut } from '../../egress/rules/bottle-cut.ts';

/** What ends a bottle before its program does: one reason, the first that comes. */
type AgentWatch = {
  readonly signal: AbortSignal;
  readonly cut: () => Cut | null;
  readonly isSilent: () => boolean;
  /** Its agent has said something. */
  alive(): void;
  /** Its agent has signalled that it is done: its program has a moment to end by itself. */
  done(): void;
  /** The egress plane has cut it off. */
  cutOff(cut: Cut): void;
  stop(): void;
};

/** How long a program may go on that has said that it is done, in ms. */
const afterDoneMs = 20_000;

/** Watches one run. `job` ends it, too. */
export function watchAgent({ job, silentMs }: { job: AbortSignal; silentMs: number }): AgentWatch {
  const controller = new AbortController();
  const state: { cut: Cut | null; silent: boolean } = { cut: null, silent: false };
  const end = () => controller.abort();
  let last: NodeJS.Timeout | undefined;
  const within = (ms: number, then: () => void) => {
    clearTimeout(last);
    last = setTimeout(then, Math.min(ms, 2 ** 31 - 1));
    last.unref();
  };
  const beSilent = () => {
    state.silent = true;
    end();
  };
  within(silentMs, beSilent);
  job.addEventListener('abort', end);
  if (job.aborted) end();
  let isDone = false;
  return {
    signal: controller.signal,
    cut: () => state.cut,
    isSilent: () => state.silent,
    alive: () => {
      if (!isDone && !controller.signal.aborted) within(silentMs, beSilent);
    },
    done: () => {
      isDone = true;
      within(afterDoneMs, end);
    },
    cutOff: (cut) => {
      // One whose requests are refused may still be frozen or killed.
      if (state.cut === null || state.cut.policy === 'cutoff') state.cut = cut;
      if (cut.policy !== 'cutoff') end();
    },
    stop: () => {
      clearTimeout(last);
      job.removeEventListener('abort', end);
    },
  };
}
