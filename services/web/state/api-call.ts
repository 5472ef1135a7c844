import { base } from './base.ts';

/** What went wrong, and what a person may try. */
export type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly faults: readonly { path: string; message: string }[];
  readonly requestId: string | null;
  readonly retryAfterSecs: number | null;
};

export class CallFailed extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export type Call = { readonly method: string; readonly path: string; readonly body?: unknown };

type Listener = (call: Call, status: number) => void;
const listeners = new Set<Listener>();

/** Hears of every call that the page makes. */
export const onCall = (listener: Listener): void => void listeners.add(listener);

/** Asks the API. Throws CallFailed. */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await answerOf(method, path, body, signal);
  return (await response.json()) as T;
}

/** The answer itself, for what is no JSON. Throws CallFailed. */
export async function answerOf(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(base + path, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'x-crafting-request': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CallFailed(unreachable);
  }
  for (const listener of listeners)
    listener({ method, path, ...(body === undefined ? {} : { body }) }, response.status);
  if (!response.ok) throw new CallFailed(await problemOf(response));
  return response;
}

const unreachable: Problem = {
  status: 0,
  code: 'unreachable',
  title: 'The farm cannot be reached',
  detail: 'The request did not arrive: the network is away, or the service is not running.',
  faults: [],
  requestId: null,
  retryAfterSecs: null,
};

async function problemOf(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as Partial<{
    title: string;
    detail: string;
    code: string;
    errors: { path: string; message: string }[];
    request_id: string;
  }>;
  return {
    status: response.status,
    code: said.code ?? 'unknown',
    title: said.title ?? `The farm answered ${response.status}`,
    detail: said.detail ?? 'It did not say why.',
    faults: said.errors ?? [],
    requestId: said.request_id ?? null,
    retryAfterSecs: Number(response.headers.get('retry-after')) || null,
  };
}

/** What a person may try after a problem. */
export function adviceOf({ status, code, retryAfterSecs }: Problem): string {
  if (status === 0) return 'Look at your network, or ask whoever runs the farm. The page tries again by itself.';
  if (status === 401) return 'Sign in again.';
  if (status === 403) return 'Ask the owner of your team for a token that may do this, or sign in with another one.';
  if (code === 'no_such_batch') return 'It was changed again since, so there is nothing to take back.';
  if (status === 404 && new URLSearchParams(location.search).has('at'))
    return 'It may not have been there yet at that moment, or belong to another team.';
  if (status === 404) return 'It may have been removed, or belong to another team.';
  if (status === 412 || code === 'changed_meanwhile')
    return 'Somebody was faster. Load the page again and look at what it says now.';
  if (status === 409) return 'Load the page again to see how it stands now.';
  if (status === 429 || status === 503) return `Try again in ${retryAfterSecs ?? 10} seconds.`;
  if (status >= 500) return 'Try again. If it stays, tell whoever runs the farm the number of the request.';
  return 'Change what is named above, and send it again.';
}
