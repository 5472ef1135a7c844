/**
 * Every way in which a request or an operation can fail for a reason that its caller may be told: the HTTP status of an
 * answer, the number with which a command ends (`crafting-table help exit-codes`), and the title of the problem.
 */
export const errorCodes = {
  invalid: { status: 400, exit: 2, title: 'The request is not valid' },
  unauthorized: { status: 401, exit: 3, title: 'A bearer token is needed' },
  forbidden: { status: 403, exit: 3, title: 'Not allowed' },
  not_found: { status: 404, exit: 4, title: 'Not found' },
  conflict: { status: 409, exit: 5, title: 'Not possible in the present state' },
  too_large: { status: 413, exit: 2, title: 'Too large' },
  rate_limited: { status: 429, exit: 6, title: 'Too many requests' },
  internal: { status: 500, exit: 70, title: 'Internal error' },
  unavailable: { status: 503, exit: 6, title: 'Not available at the moment' },
  timeout: { status: 504, exit: 6, title: 'Took too long' },
  // Met at a start alone, by no request. The number is EX_CONFIG of sysexits.h: a supervisor need not try it again.
  misconfigured: { status: 500, exit: 78, title: 'Does not start with these settings on this machine' },
} as const satisfies Readonly<Record<string, { status: number; exit: number; title: string }>>;
export type ErrorCode = keyof typeof errorCodes;

/** The code of an HTTP status that stands for a failure. */
export function codeOfStatus(status: number): ErrorCode {
  // A proxy before the service says 502 while nothing answers behind it.
  if (status === 502) return 'unavailable';
  if (status === 412) return 'conflict';
  const known = Object.entries(errorCodes).find(([, one]) => one.status === status);
  return (known?.[0] as ErrorCode | undefined) ?? (status >= 500 ? 'internal' : 'invalid');
}

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

/** The error for a field of a body that is not as it was expected. */
export function bodyFault(field: string, message: string): AppError {
  const fault = { path: `/body/${field}`, message };
  return new AppError('invalid', `${fault.path}: ${message}`, { faults: [fault] });
}
