import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { Fetch } from './guarded-fetch.ts';

/** A fetch over https that trusts these certificates, too; for one forge, so that no other server profits from them. */
export function trustingFetch(ca: string): Fetch {
  const agent = new Agent({ ca: [...rootCertificates, ca], keepAlive: true });
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(String(input));
      if (url.protocol !== 'https:') return resolve(globalThis.fetch(url, init));
      const headers = Object.fromEntries(new Headers(init.headers));
      const sent = request(url, { method: init.method ?? 'GET', headers, agent, signal: init.signal ?? undefined });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        const status = answer.statusCode ?? 502;
        const isEmpty = [204, 205, 304].includes(status);
        if (isEmpty) answer.resume();
        const body = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
        const pairs = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        resolve(new Response(body, { status, headers: pairs }));
      });
      sent.end(typeof init.body === 'string' ? init.body : undefined);
    });
}
