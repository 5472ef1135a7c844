import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { guardedFetch } from '../../../../services/io/forge/guarded-fetch.ts';
import { atEnd } from '../../../support/git-repository.ts';
import { paced } from '../../../support/pace.ts';

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const authorization = 'token secret-0123456789';

describe('a guarded fetch', () => {
  it('shows the token to its origin, also after a redirect inside of it', async (context) => {
    const seen: (string | undefined)[] = [];
    const origin = await serve(context, (request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/old') response.writeHead(301, { location: '/new' }).end();
      else response.end('here');
    });
    const response = await guardedFetch({ origin, authorization })(`${origin}/old`);
    assert.equal(await response.text(), 'here');
    assert.deepEqual(seen, [authorization, authorization]);
  });

  it('follows no redirect to another origin, with or without the token', async (context) => {
    let reached = 0;
    const elsewhere = await serve(context, (_, response) => {
      reached += 1;
      response.end();
    });
    const origin = await serve(context, (_, response) => response.writeHead(307, { location: elsewhere }).end());
    const ask = guardedFetch({ origin, authorization });
    for (const method of ['GET', 'POST'])
      await assert.rejects(
        ask(`${origin}/`, { method }),
        (error) => isAppError(error, 'unavailable') && !error.message.includes('secret'),
      );
    await assert.rejects(ask(`${elsewhere}/`), (error) => isAppError(error, 'unavailable'));
    assert.equal(reached, 0);
  });

  it('never turns a POST into something else, and ends in a circle of redirects', async (context) => {
    const seen: string[] = [];
    const origin = await serve(context, (request, response) => {
      seen.push(request.method ?? '');
      response.writeHead(302, { location: '/' }).end();
    });
    const ask = guardedFetch({ origin, authorization });
    await assert.rejects(ask(`${origin}/`, { method: 'POST' }), (error) => isAppError(error, 'unavailable'));
    assert.deepEqual(seen, ['POST']);
    await assert.rejects(ask(`${origin}/`), (error) => isAppError(error, 'unavailable'));
    assert.equal(seen.length, 5);
  });

  it('repeats a write where a renamed repository is now, and asks there at once when it moved for good', async (context) => {
    const seen: string[] = [];
    let name = 'new';
    const origin = await serve(context, async (request, response) => {
      const body = (await request.toArray()).join('');
      const [, way, status, of, rest] = /^\/(api)\/(\d+)\/([a-z]+)\/(.*)$/.exec(request.url ?? '') ?? [];
      seen.push(`${request.method} ${request.url} ${body}`);
      if (of === name) response.end('{}');
      else if (of === 'old')
        response.writeHead(Number(status), { location: `/${way}/${status}/${name}/${rest}` }).end();
      else response.writeHead(404).end();
    });
    const write = { method: 'PATCH', body: 'text' };
    for (const status of [301, 302, 307, 308]) {
      const ask = guardedFetch({ origin, authorization });
      for (const path of ['pulls/32', 'issues/7'])
        assert.equal((await ask(`${origin}/api/${status}/old/${path}`, write)).status, 200, `${status}`);
      const [old, now] = [`PATCH /api/${status}/old`, `PATCH /api/${status}/new`];
      const again = status === 301 || status === 308 ? [] : [`${old}/issues/7 text`];
      const wanted = [`${old}/pulls/32 text`, `${now}/pulls/32 text`, ...again, `${now}/issues/7 text`];
      assert.deepEqual(seen.splice(0), wanted);
      // It is renamed once more: what was learned is forgotten.
      name = 'newer';
      assert.equal((await ask(`${origin}/api/${status}/old/pulls/32`)).status, 200);
      name = 'new';
      seen.splice(0);
    }
  });

  it('takes no page to log in for a new address of a write, and a redirect that leads nowhere for no answer', async (context) => {
    let location: string | null = '/user/login';
    const origin = await serve(context, (_, response) =>
      response.writeHead(302, location === null ? {} : { location }).end(),
    );
    const ask = guardedFetch({ origin, authorization });
    for (const where of ['/user/login', null]) {
      location = where;
      await assert.rejects(ask(`${origin}/pulls/1`, { method: 'PATCH' }), (error) => isAppError(error, 'unavailable'));
    }
    await assert.rejects(ask(`${origin}/pulls/1`), (error) => isAppError(error, 'unavailable'));
  });

  it('takes no endless answer, and none that stops in the middle', async (context) => {
    const origin = await serve(context, (request, response) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      if (request.url === '/stops') return void response.write('x');
      response.on('drain', write);
      write();
    });
    const ask = guardedFetch({ origin, authorization, timeoutMs: paced(5_000) });
    await assert.rejects(ask(`${origin}/`), (error) => isAppError(error, 'unavailable') && /long/.test(error.message));
    const hasty = guardedFetch({ origin, authorization, timeoutMs: 50 });
    await assert.rejects(hasty(`${origin}/stops`), (error) => isAppError(error, 'timeout'));
  });
});
