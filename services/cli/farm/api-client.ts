import { AppError, codeOfStatus, type Fault, messageOf } from '../../floor/app-error.ts';

/** Speaks to the HTTP API of a farm. */
export type ApiClient = {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** Every element of a list, page after page. */
  all<T>(path: string, key: string): Promise<T[]>;
  /** An answer that is not JSON, or that grows, as text while it arrives. */
  stream(path: string, options?: StreamOptions): Promise<AsyncIterable<string>>;
};

export type StreamOptions = {
  /** The media type that is wanted; `text/event-stream` for one that goes on. */
  readonly accept?: string;
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
};

type Answered = { detail?: string; code?: string; errors?: Fault[] };

/** A client with a bearer. Throws AppError with the sentence, the code and the faults that the service answered. */
export function apiClient(url: string, bearer: string): ApiClient {
  const ask = async (method: string, path: string, more: RequestInit = {}) => {
    const init: RequestInit = {
      method,
      // The bearer is for this service alone.
      redirect: 'manual',
      ...more,
      headers: { authorization: `Bearer ${bearer}`, ...more.headers },
    };
    const response = await fetch(`${url}${path}`, init).catch((error) => {
      throw isAbort(error) ? error : unreachable(url, error);
    });
    if (response.ok) return response;
    throw await refusalOf(response, `${method} ${path}`, url);
  };
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await ask(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    return response.json().catch((error) => {
      throw strange(url, error);
    }) as Promise<T>;
  };
  return {
    url,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
    all: async <T>(path: string, key: string) => {
      const found: T[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: Record<string, unknown> = await call(
          'GET',
          `${path}${path.includes('?') ? '&' : '?'}limit=500${cursor ? `&cursor=${cursor}` : ''}`,
        );
        found.push(...(page[key] as T[]));
        cursor = page['next_cursor'] as string | null;
      }
      return found;
    },
    stream: async (path, { accept, lastEventId, signal } = {}) => {
      const headers = {
        ...(accept ? { accept } : {}),
        ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
      };
      return textOf(await ask('GET', path, { headers, ...(signal ? { signal } : {}) }), url);
    },
  };
}

async function* textOf(response: Response, url: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) yield decoder.decode(bytes, { stream: true });
  } catch (error) {
    throw isAbort(error) ? error : unreachable(url, error);
  }
  yield decoder.decode();
}

async function refusalOf(response: Response, asked: string, url: string): Promise<AppError> {
  const { status, headers } = response;
  const code = codeOfStatus(status);
  if (status >= 300 && status < 400)
    return new AppError('invalid', `The service at ${url} has moved to ${headers.get('location')}: name that one.`);
  const answer = (await response.json().catch(() => ({}))) as Answered;
  const detail = answer.detail ?? `${asked} was answered with ${status}.`;
  return new AppError(code, detail, { faults: answer.errors ?? [], ...(answer.code ? { name: answer.code } : {}) });
}

function unreachable(url: string, error: unknown): AppError {
  const { cause } = error as { cause?: { code?: string } };
  const why = cause?.code ?? messageOf(cause ?? error);
  return new AppError('unavailable', `The service at ${url} does not answer: ${why}.`, { cause: error });
}

function strange(url: string, cause: unknown): AppError {
  return new AppError('unavailable', `What answers at ${url} is no crafting-table: its answer is not JSON.`, { cause });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
