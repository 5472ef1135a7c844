import { AppError, messageOf } from '../app-error.ts';

/** Speaks to the HTTP API of a farm. */
export type ApiClient = {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Every element of a list, page after page. */
  all<T>(path: string, key: string): Promise<T[]>;
};

/** A client with a bearer. Throws AppError with the sentence that the service answered. */
export function apiClient(url: string, bearer: string): ApiClient {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = {
      method,
      headers: { authorization: `Bearer ${bearer}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await fetch(`${url}${path}`, init).catch((error) => {
      throw new AppError('unavailable', `The service at ${url} does not answer: ${messageOf(error)}.`, {
        cause: error,
      });
    });
    const answer = (await response.json()) as T & { detail?: string };
    if (!response.ok)
      throw new AppError('invalid', answer.detail ?? `${method} ${path} was answered with ${response.status}.`);
    return answer;
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
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
  };
}
