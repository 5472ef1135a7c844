import { AppError, isAppError } from '../floor/app-error.ts';

const reason = 'forge_waits';
/** By their reasons: whether a credential is taken, and what git cannot explain, are no matter of time. */
const passing: ReadonlySet<string> = new Set([
  'unavailable',
  'timeout',
  'rate_limited',
  'git_unreachable',
  'git_timeout',
]);

/**
 * Does something outside that has to come about. A forge or remote that is down, answers with redirects, or asks for patience gives an
 * error by which its event waits, however long that takes, also over a restart: `isForgeWait`. Other errors are as they were.
 */
export async function untilForgeTakes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error) || !passing.has(error.reason)) throw error;
    const { code, message, retryAfterSecs } = error;
    const details = { cause: error, name: reason, ...(retryAfterSecs === undefined ? {} : { retryAfterSecs }) };
    throw new AppError(code, message, details);
  }
}

export function isForgeWait(error: AppError): boolean {
  return error.reason === reason;
}
