/** Nothing answered, or what answered broke off. `code` is that of the system, such as ECONNREFUSED. */
export class ServiceSilent extends Error {
  readonly code: string | null;

  constructor(why: string, code: string | null, cause?: unknown) {
    super(why, { cause });
    this.name = 'ServiceSilent';
    this.code = code;
  }

  static from(error: unknown): ServiceSilent {
    const cause = (error as { cause?: unknown }).cause ?? error;
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return new ServiceSilent(code, code, error);
    return new ServiceSilent(cause instanceof Error ? cause.message : String(cause), null, error);
  }
}

/** What the service says of a request that it refused (RFC 9457), as far as it could be read. */
type Problem = {
  readonly detail?: string;
  readonly code?: string;
  readonly request_id?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
};

/** The problem in the body of an answer; empty when it is none. */
export function problemIn(text: string): Problem {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? (found as Problem) : {};
  } catch {
    return {};
  }
}
