import { AppError } from '../floor/app-error.ts';
import type { ApiCall } from './define.ts';
import { shown } from './untrusted-text.ts';

/** An answer that is longer is not read to its end. */
const mostBytes = 64 * 1024 * 1024;
const patienceMs = 60_000;

/** Asks a farm elsewhere over HTTP. The bearer goes to this address alone: a redirect is not followed. */
export function httpCall(baseUrl: string, bearer: string | null): ApiCall {
  return async (method, path, body, { accept = 'application/json', signal } = {}) => {
    const patience = AbortSignal.timeout(patienceMs);
    const headers = { accept, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) };
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers,
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await textOf(response);
      return {
        status: response.status,
        text,
        json: jsonIn(text, response.headers.get('content-type')),
        retryAfterSecs: secondsIn(response.headers.get('retry-after')),
      };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new AppError(
        'unavailable',
        `${unreachable(error)} Is the farm running, and is CRAFTING_TABLE_BASE_URL (${baseUrl}) its address?`,
        {
          cause: error,
        },
      );
    }
  };
}

function unreachable(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return `The farm did not answer within ${patienceMs / 1000} s.`;
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return `The farm cannot be reached${typeof code === 'string' ? ` (${shown(code, 60)})` : ''}.`;
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The parsed body of an answer that says it is JSON, else null. */
export function jsonIn(text: string, contentType: string | null | undefined): unknown {
  if (!/[/+]json/.test(contentType ?? '')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function secondsIn(header: string | null | undefined): number | null {
  return header && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
