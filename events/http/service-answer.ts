import { ServiceSilent } from './service-failures.ts';

/** An answer of the service. Its body is read once, by one of the four. */
export type ServiceAnswer = {
  readonly status: number;
  readonly ok: boolean;
  readonly header: (name: string) => string | null;
  readonly retryAfterSecs: number | null;
  /** The body as it arrives. Throws ServiceSilent when it breaks off, or nothing comes for too long. */
  bytes(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The same, decoded; a character that is cut in two comes whole. */
  chunks(): AsyncGenerator<string, void, undefined>;
  /** All of it. Throws ServiceSilent beyond 64 MiB. */
  text(): Promise<string>;
  drop(): Promise<void>;
};

const longestText = 64 * 1024 * 1024;

/** Reads an answer; `silenceMs` without a byte end it by `quiet`, the slowness of who reads it never does. */
export function serviceAnswer(response: Response, quiet: AbortController, silenceMs: number): ServiceAnswer {
  const { status, ok, headers } = response;
  const bytes = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = response.body?.getReader();
    try {
      for (;;) {
        const part = reader ? await inTime(reader.read(), quiet, silenceMs) : undefined;
        if (part === undefined || part.done) return;
        yield part.value;
      }
    } finally {
      // Whoever stops reading leaves no connection behind.
      quiet.abort();
    }
  };
  const chunks = async function* (): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder();
    for await (const part of bytes()) yield decoder.decode(part, { stream: true });
    yield decoder.decode();
  };
  return {
    status,
    ok,
    header: (name) => headers.get(name),
    retryAfterSecs: secondsIn(headers.get('retry-after')),
    bytes,
    chunks,
    text: async () => {
      let text = '';
      for await (const part of chunks()) {
        text += part;
        if (text.length > longestText) throw new ServiceSilent('the answer is too long', null);
      }
      return text;
    },
    drop: async () => {
      await response.body?.cancel().catch(() => {});
    },
  };
}

async function inTime<T>(reading: Promise<T>, quiet: AbortController, silenceMs: number): Promise<T> {
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    quiet.abort();
  }, silenceMs);
  try {
    return await reading;
  } catch (error) {
    if (silent) throw new ServiceSilent('the service has fallen silent', null, error);
    throw (error as Error).name === 'AbortError' ? error : ServiceSilent.from(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The seconds of a Retry-After, or null. */
export function secondsIn(header: string | null | undefined): number | null {
  return header && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
