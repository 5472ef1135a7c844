/** Every way in which a request or an operation can fail for a reason that its caller may be told. */
export type ErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'timeout'
  | 'unavailable'
  | 'internal';

/** One thing that was wrong with the input, and where (`path` as a JSON pointer, `''` for the whole). */
export type Fault = { path: string; message: string };

type Details = { cause?: unknown; faults?: readonly Fault[]; retryAfterSecs?: number; name?: string };

/**
 * The one error type of the services. `message` is shown to people outside, so it says what was wrong and what was
 * expected and never holds a secret; `name` in the details is the stable string that API clients can match on.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly retryAfterSecs: number | undefined;
  readonly reason: string;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.faults = details.faults ?? [];
    this.retryAfterSecs = details.retryAfterSecs;
    this.reason = details.name ?? code;
  }
}

/** Whether an error is an expected one with this code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** The sentence of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
