import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { callService } from '../../events/http/call-service.ts';
import { ServiceSilent } from '../../events/http/service-failures.ts';
import { paced } from '../support/pace.ts';

type Seen = { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] };

/** A service that answers one request after the other with these. */
async function withService<T>(
  answers: readonly ((response: ServerResponse) => void)[],
  work: (url: string, seen: readonly Seen[]) => Promise<T>,
): Promise<T> {
  const seen: Seen[] = [];
  const server = createServer(({ method = '', url = '', headers }, response) => {
    seen.push({ method, url, headers });
    (answers[seen.length - 1] ?? ok)(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ok = (response: ServerResponse) => response.end('{"ok":true}');
const cut = (response: ServerResponse) => response.destroy();
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('{"detail":"no"}');

describe('the client of our own API', () => {
  it('repeats a POST that was cut off under the same key, so that it is done once', () =>
    withService([cut, status(409, { 'retry-after': '0' }), ok], async (url, seen) => {
      const answer = await callService({ url, bearer: 'ct_b' }, { method: 'POST', path: '/x', body: { a: 1 } });
      assert.deepEqual(JSON.parse(await answer.text()), { ok: true });
      const keys = seen.map(({ headers }) => headers['idempotency-key']);
      assert.equal(keys.length, 3);
      assert.equal(new Set(keys).size, 1);
      assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
      assert.ok(seen.every(({ headers }) => headers.authorization === 'Bearer ct_b'));
    }));

  it('does not repeat a DELETE that may have been done, nor a conflict of the matter, nor a long wait', async () => {
    await withService([cut], async (url, seen) => {
      await assert.rejects(callService({ url }, { method: 'DELETE', path: '/x' }), ServiceSilent);
      assert.equal(seen.length, 1);
    });
    const answers = [status(409), status(503, { 'retry-after': '30' }), status(429)];
    await withService(answers, async (url, seen) => {
      for (const expected of [409, 503, 429]) {
        const answer = await callService({ url }, { method: 'POST', path: '/x' });
        assert.equal(answer.status, expected);
        await answer.drop();
      }
      assert.equal(seen.length, 3);
    });
  });

  it('asks again while a proxy has nobody behind it, and at most as often as it is told', () =>
    withService([status(502), status(503), status(502), status(502)], async (url, seen) => {
      assert.equal((await callService({ url }, { path: '/x' })).status, 502);
      assert.equal(seen.length, 3);
      assert.equal((await callService({ url }, { path: '/x', tries: 1 })).status, 502);
      assert.equal(seen.length, 4);
    }));

  it('keeps the path of an address, and follows no redirect with the bearer', () =>
    withService([status(302, { location: 'http://127.0.0.1:1/' })], async (url, seen) => {
      const answer = await callService({ url: `${url}/farm/`, bearer: 'ct_b' }, { path: '/jobs?limit=1' });
      assert.equal(answer.status, 302);
      assert.deepEqual(
        seen.map((one) => one.url),
        ['/farm/jobs?limit=1'],
      );
    }));

  it('gives up on an answer that does not come, and says of which kind the silence is', () =>
    withService([() => {}, (response) => response.write('half')], async (url) => {
      await assert.rejects(callService({ url }, { path: '/x', answerMs: 50 }), /no answer within 0\.05 s/);
      const begun = await callService({ url }, { path: '/x', answerMs: paced(500) });
      await assert.rejects(begun.text(), /fallen silent/);
      const gone = await withService([], async (freed) => freed);
      await assert.rejects(
        callService({ url: gone }, { path: '/x', tries: 1 }),
        (error) => error instanceof ServiceSilent && error.code === 'ECONNREFUSED',
      );
    }));

  it('ends with the reason of the signal, while it asks and while it waits', () =>
    withService([() => {}, status(503), status(503)], async (url) => {
      const away = new AbortController();
      const asking = callService({ url }, { path: '/x', signal: away.signal });
      away.abort(new Error('the caller went away'));
      await assert.rejects(asking, /the caller went away/);
      await assert.rejects(callService({ url }, { path: '/x', signal: AbortSignal.timeout(60) }), {
        name: /AbortError|TimeoutError/,
      });
    }));
});
