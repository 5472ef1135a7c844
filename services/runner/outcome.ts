import type { RecipeExitedData } from '../../events/jobs/job.ts';
import { isAppError, messageOf } from '../floor/app-error.ts';
import type { LimitName, RunResult } from '../io/process/run-request.ts';
import { handedBackDetail } from '../jobs/rules/retry-job.ts';

/** How a job ended, as RecipeExited says it. */
export type Outcome = Pick<RecipeExitedData, 'reason' | 'exit_code' | 'signal' | 'detail' | 'truncated'>;

const limitWords: Readonly<Record<LimitName, string>> = {
  memory: 'its processes held more memory than limits.memory_mb allows',
  processes: 'it ran more processes and threads at once than limits.processes allows',
  cpu: 'its processes used more seconds of CPU than limits.cpu_secs allows',
  disk: 'its work tree grew larger than limits.disk_mb allows',
};

/** The outcome of a recipe that ran. */
export function outcomeOf(result: RunResult, signal: AbortSignal, timeoutSecs: number, maxLogBytes: number): Outcome {
  const { reason, exitCode, signal: killedBy, truncated } = result;
  const plain = { exit_code: exitCode, signal: killedBy, truncated };
  switch (reason) {
    case 'exited':
      return { ...plain, reason, detail: null };
    case 'timeout':
      return { ...plain, reason, detail: `timed out after ${timeoutSecs} s` };
    case 'log_limit':
      return { ...plain, reason, detail: `ended: it printed more than ${maxLogBytes} bytes` };
    case 'limit':
      return { ...plain, reason: 'limit_exceeded', detail: `ended: ${limitWords[result.limit ?? 'memory']}` };
    case 'cancelled':
      return { ...plain, ...stopped(signal) };
    default:
      return reason satisfies never;
  }
}

function stopped(signal: AbortSignal): Outcome {
  const none = { exit_code: null, signal: null, truncated: false };
  if (signal.reason === 'handed_back')
    return { ...none, reason: 'runner_lost', exit_code: -1, detail: handedBackDetail };
  if (signal.reason === 'shutdown')
    return { ...none, reason: 'orphaned', exit_code: -1, detail: 'runner restart, job orphaned' };
  return { ...none, reason: 'cancelled', detail: 'cancelled' };
}

/** What the reason of an error means for a job; any other one says that no tree could be made. */
const failureReasons: Readonly<Record<string, Outcome['reason']>> = {
  sandbox_missing: 'sandbox_missing',
  git_unreachable: 'remote_unavailable',
  git_timeout: 'remote_unavailable',
};

/** The outcome of a job whose recipe could not be run. */
export function failureOf(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) return stopped(signal);
  const reason = isAppError(error) ? (failureReasons[error.reason] ?? 'workspace_failed') : 'workspace_failed';
  const detail = isAppError(error) ? error.message : `internal error: ${messageOf(error)}`;
  return { reason, exit_code: null, signal: null, truncated: false, detail };
}
