import { callService, type ServiceRequest } from '../../../events/http/call-service.ts';
import type { ServiceAnswer } from '../../../events/http/service-answer.ts';
import { problemIn, ServiceSilent } from '../../../events/http/service-failures.ts';
import { AppError, codeOfStatus } from '../../floor/app-error.ts';

/** Speaks to the HTTP API of a farm. */
export type ApiClient = {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** The same, with the ETag that names its version; undefined of a farm that says none. */
  version<T>(path: string): Promise<{ readonly answer: T; readonly etag: string | undefined }>;
  /** With the ETag of the version that was seen, another one is not replaced: AppError('conflict') says what changed. */
  put<T>(path: string, body: unknown, ifMatch?: string): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** Every element of a list, page after page. */
  all<T>(path: string, key: string): Promise<T[]>;
  /** An answer that is not JSON, or that grows, as text while it arrives. */
  stream(path: string, options?: StreamOptions): Promise<AsyncIterable<string>>;
  /** The same as it came. */
  bytes(path: string): Promise<AsyncIterable<Uint8Array>>;
};

export type StreamOptions = {
  /** The media type that is wanted; `text/event-stream` for one that goes on. */
  readonly accept?: string;
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
};

/** A client with a bearer. Throws AppError with the sentence, the code and the faults that the service answered. */
export function apiClient(url: string, bearer: string): ApiClient {
  const ask = async (request: ServiceRequest): Promise<ServiceAnswer> => {
    const answer = await callService({ url, bearer }, request).catch((error) => {
      throw told(url, error);
    });
    if (answer.ok) return answer;
    throw await refusalOf(answer, `${request.method ?? 'GET'} ${request.path}`, url);
  };
  const call = async <T>(method: string, path: string, body?: unknown, ifMatch?: string): Promise<T> =>
    read(await ask({ method, path, body, ...(ifMatch === undefined ? {} : { ifMatch }) }));
  const read = async <T>(answer: ServiceAnswer): Promise<T> => {
    const text = await answer.text().catch((error) => {
      throw told(url, error);
    });
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new AppError('unavailable', `What answers at ${url} is no crafting-table: its answer is not JSON.`, {
        cause,
      });
    }
  };
  return {
    url,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    version: async (path) => {
      const answer = await ask({ path });
      return { etag: answer.header('etag') ?? undefined, answer: await read(answer) };
    },
    put: (path, body, ifMatch) => call('PUT', path, body, ifMatch),
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
    stream: async (path, options = {}) => explained((await ask({ path, accept: '*/*', ...options })).chunks(), url),
    bytes: async (path) => explained((await ask({ path, accept: '*/*' })).bytes(), url),
  };
}

async function* explained<T>(parts: AsyncIterable<T>, url: string): AsyncGenerator<T> {
  try {
    yield* parts;
  } catch (error) {
    throw told(url, error);
  }
}

async function refusalOf(answer: ServiceAnswer, asked: string, url: string): Promise<AppError> {
  const { status, header, retryAfterSecs } = answer;
  if (status >= 300 && status < 400)
    return new AppError('invalid', `The service at ${url} has moved to ${header('location')}: name that one.`);
  const {
    detail = `${asked} was answered with ${status}.`,
    code,
    errors = [],
  } = problemIn(await answer.text().catch(() => ''));
  return new AppError(codeOfStatus(status), detail, {
    faults: errors,
    ...(code ? { name: code } : {}),
    ...(retryAfterSecs === null ? {} : { retryAfterSecs }),
  });
}

function told(url: string, error: unknown): unknown {
  if (!(error instanceof ServiceSilent)) return error;
  return new AppError('unavailable', `The service at ${url} does not answer: ${error.message}.`, { cause: error });
}
