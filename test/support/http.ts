import assert from 'node:assert/strict';
import { whileMoving } from './until.ts';

/** An answer; `json` is the parsed body of an answer that is JSON, else null. */
export type Answer = { status: number; headers: Headers; text: string; json: Json };

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came over the wire, and fails when it is not there
export type Json = any;

export type Asking = {
  /** Another bearer than the usual one; null for none. */
  bearer?: string | null;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
};

export type Http = {
  (method: string, path: string, asking?: Asking): Promise<Answer>;
  get(path: string, asking?: Asking): Promise<Answer>;
  post(path: string, body?: unknown, asking?: Asking): Promise<Answer>;
  /** Mints a token and answers its bearer. */
  mint(name: string, more?: Record<string, unknown>): Promise<string>;
  /** Waits for the end of a job and answers it. */
  ended(jobId: string, asking?: Asking): Promise<Json>;
};

/** Requests to a farm. */
export function httpAt(url: string, usual: string): Http {
  const ask = async (method: string, path: string, asking: Asking = {}): Promise<Answer> => {
    const { bearer = usual, body, headers = {} } = asking;
    const { response, text } = await whileMoving(async (signal) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }), ...headers },
        signal,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { response, text: await response.text() };
    });
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  };
  const http: Http = Object.assign(ask, {
    get: (path: string, asking?: Asking) => ask('GET', path, asking),
    post: (path: string, body?: unknown, asking?: Asking) => ask('POST', path, { ...asking, body }),
    mint: async (name: string, more: Record<string, unknown> = {}) => {
      const { status, json, text } = await ask('POST', '/admin/tokens', { body: { name, ...more } });
      assert.equal(status, 201, text);
      return json.bearer as string;
    },
    ended: async (jobId: string, asking?: Asking) => {
      // The log of a job that is followed ends with the job.
      await ask('GET', `/jobs/${jobId}/log?follow=1`, asking);
      const { json, text } = await ask('GET', `/jobs/${jobId}`, asking);
      assert.ok(['succeeded', 'failed', 'cancelled'].includes(json.job.status), text);
      return json.job;
    },
  });
  return http;
}
