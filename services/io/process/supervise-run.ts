import type { Launched, Launcher } from './launcher.ts';
import { pumpOutput } from './output-pump.ts';
import type { OutputStream, RunRequest, RunResult } from './run-request.ts';
import { watchDisk } from './watch-disk.ts';

const DEFAULT_GRACE_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type EarlyEnd = Exclude<RunResult['reason'], 'exited'>;

/**
 * Runs one recipe under a launcher and gathers its output up to the cap. It is ended (TERM, grace time, KILL) at the time
 * limit, at the cap or when asked to. `abandon` ends it without grace.
 */
export async function superviseRun(launcher: Launcher, request: RunRequest, abandon: AbortSignal): Promise<RunResult> {
  const { signal, onOutput, maxOutputBytes, graceMs = DEFAULT_GRACE_MS } = request;
  const result: RunResult = { reason: 'exited', ...nothingYet };
  if (signal?.aborted || abandon.aborted) return { ...result, reason: 'cancelled' };
  const begin = performance.now();
  const launched = await launcher.launch(request);

  let grace: NodeJS.Timeout | undefined;
  const stop = (reason: EarlyEnd, after = graceMs) => {
    if (result.reason !== 'exited') return;
    result.reason = reason;
    launched.terminate();
    grace = setTimeout(launched.kill, Math.min(after, LONGEST_TIMER_MS));
  };
  const take = (stream: OutputStream) => (chunk: Buffer) => {
    const piece = chunk.subarray(0, maxOutputBytes - result.outputBytes);
    result.outputBytes += piece.length;
    if (piece.length < chunk.length) {
      result.truncated = true;
      stop('log_limit');
    }
    return piece.length > 0 ? onOutput(stream, piece) : undefined;
  };
  const pumps = (['stdout', 'stderr'] as const).map((name) => pumpOutput(launched[name], take(name)));
  for (const pump of pumps) pump.done.catch(launched.kill);

  const onCancel = () => stop('cancelled');
  const onAbandon = () => {
    stop('cancelled');
    launched.kill();
  };
  const unwatch = watchDisk(request.limits?.disk, () => {
    if (result.reason === 'exited') result.limit = 'disk';
    stop('limit');
  });
  const limit = setTimeout(() => stop('timeout'), Math.min(request.timeoutMs, LONGEST_TIMER_MS));
  signal?.addEventListener('abort', onCancel);
  abandon.addEventListener('abort', onAbandon);
  // Either may have come while the launcher was at work, before anybody listened.
  if (abandon.aborted) onAbandon();
  else if (signal?.aborted) onCancel();
  const release = () => {
    clearTimeout(limit);
    unwatch();
    signal?.removeEventListener('abort', onCancel);
    abandon.removeEventListener('abort', onAbandon);
  };
  try {
    const { limit: exceeded, ...ending } = await endOf(launched);
    if (exceeded && result.reason === 'exited') Object.assign(result, { reason: 'limit', limit: exceeded });
    result.durationMs = performance.now() - begin;
    release();
    for (const pump of pumps) pump.finish();
    await Promise.all(pumps.map((pump) => pump.done));
    return { ...result, ...ending };
  } finally {
    release();
    clearTimeout(grace);
  }
}

const nothingYet = { limit: null, exitCode: null, signal: null, durationMs: 0, outputBytes: 0, truncated: false };

async function endOf(launched: Launched) {
  try {
    return await launched.ended;
  } catch (error) {
    launched.stdout.destroy();
    launched.stderr.destroy();
    throw error;
  }
}
