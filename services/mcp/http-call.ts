import { callService } from '../../events/http/call-service.ts';
import { ServiceSilent } from '../../events/http/service-failures.ts';
import { AppError } from '../floor/app-error.ts';
import { shown } from './answers/untrusted-text.ts';
import type { ApiCall } from './define.ts';

/** Asks a farm elsewhere over HTTP. */
export function httpCall(baseUrl: string, bearer: string | null): ApiCall {
  return async (method, path, body, { accept, signal } = {}) => {
    try {
      const answer = await callService(
        { url: baseUrl, bearer },
        { method, path, body, ...(accept ? { accept } : {}), ...(signal ? { signal } : {}) },
      );
      const { status, header, retryAfterSecs } = answer;
      const text = await answer.text();
      return { status, text, json: jsonIn(text, header('content-type')), retryAfterSecs };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!(error instanceof ServiceSilent)) throw error;
      throw new AppError(
        'unavailable',
        `The farm cannot be reached (${shown(error.message, 60)}). Is it running, and is CRAFTING_TABLE_BASE_URL (${baseUrl}) its address?`,
        { cause: error },
      );
    }
  };
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
