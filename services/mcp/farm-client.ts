import { AppError, codeOfStatus } from '../floor/app-error.ts';
import { inTools } from './answers/tool-words.ts';
import { shown } from './answers/untrusted-text.ts';
import type { ApiAnswer, ApiCall, FarmClient } from './define.ts';

/** A client whose failures are sentences that say what to do. */
export function farmClient(call: ApiCall, signal: AbortSignal): FarmClient {
  const ask = async (method: 'GET' | 'POST', path: string, body: unknown, missing: string | undefined) => {
    const answer = await call(method, path, body, { signal });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw failureOf(answer, missing);
  };
  return {
    get: async <T>(path: string, missing?: string) => documentOf<T>(await ask('GET', path, undefined, missing)),
    post: async <T>(path: string, body: unknown, missing?: string) =>
      documentOf<T>(await ask('POST', path, body, missing)),
    find: async <T>(path: string) => {
      const answer = await call('GET', path, undefined, { signal });
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw failureOf(answer, undefined);
      return documentOf<T>(answer);
    },
    text: async (path, missing) => (await ask('GET', path, undefined, missing)).text,
  };
}

function documentOf<T>({ json }: ApiAnswer): T {
  if (typeof json !== 'object' || json === null) throw notOurs();
  return json as T;
}

type ProblemBody = {
  readonly detail?: string;
  readonly code?: string;
  readonly request_id?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
};

const mostFaults = 10;

function failureOf({ status, json, retryAfterSecs }: ApiAnswer, missing: string | undefined): AppError {
  if (typeof json !== 'object' || json === null || !('ok' in json)) return notOurs();
  const { detail = '', code = '', errors = [], request_id } = json as ProblemBody;
  const said = inTools(shown(detail, 600));
  const wait = `try again in ${retryAfterSecs ?? 'a few'} seconds`;
  switch (codeOfStatus(status)) {
    case 'unauthorized':
      return new AppError(
        'unauthorized',
        'The farm does not know this token: it is missing, revoked, or not allowed from this address. Set ' +
          'CRAFTING_TABLE_TOKEN (or the bearer of the MCP connection) to one that an administrator minted.',
      );
    case 'forbidden':
      return new AppError('forbidden', said);
    case 'not_found':
      return new AppError('not_found', code === 'not_found' ? (missing ?? said) : said);
    case 'conflict':
      return new AppError('conflict', `Not possible in the present state: ${said}`);
    case 'rate_limited':
      return new AppError('rate_limited', `Too many requests: ${wait}.`);
    case 'unavailable':
      return new AppError('unavailable', `The farm cannot do this at the moment: ${wait}. It says: ${said}`);
  }
  if (status >= 500)
    return new AppError(
      'internal',
      `The farm failed (request ${shown(request_id ?? 'without id', 60)}): its own log says why.`,
    );
  const faults = errors.slice(0, mostFaults).map(({ path, message }) => shown(`${path}: ${message}`));
  return new AppError('invalid', `The farm refuses this: ${[...new Set([said, ...faults])].join('; ')}`);
}

function notOurs(): AppError {
  return new AppError(
    'unavailable',
    'What answers is not a crafting-table: CRAFTING_TABLE_BASE_URL should be its address, such as http://127.0.0.1:8810.',
  );
}
