import { setTimeout as wait } from 'node:timers/promises';
import { type AppError, isAppError } from '../../../floor/app-error.ts';
import { closing } from './git-failure.ts';

/** How often a remote in trouble is asked: the pauses between the tries, in ms, until `budgetMs` have gone by. */
export type Tries = { readonly pausesMs: readonly number[]; readonly budgetMs: number; readonly stopping: AbortSignal };

/** Whether the remote, or the way to it, is in trouble that may be over in a moment. */
function isRemoteTrouble(error: unknown): error is AppError {
  return isAppError(error) && (error.reason === 'git_unreachable' || error.reason === 'git_timeout');
}

/** Asks a remote again while it is in trouble. The last failure says how often it was asked. */
export async function withTries<T>({ pausesMs, budgetMs, stopping }: Tries, ask: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const pause = pausesMs[tries - 1];
      if (!isRemoteTrouble(error)) throw error;
      if (pause === undefined || performance.now() - startedAt > budgetMs) throw tries > 1 ? told(error, tries) : error;
      // Half of it by chance: the jobs of many projects meet one forge's trouble in the same second.
      await wait(pause * (0.5 + Math.random() / 2), undefined, { signal: stopping }).catch(() => {
        throw closing();
      });
    }
  }
}

function told(error: AppError, tries: number): AppError {
  error.message += ` (asked ${tries} times)`;
  return error;
}
