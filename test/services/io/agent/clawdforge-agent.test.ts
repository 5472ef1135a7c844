import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { type ErrorCode, isAppError } from '../../../../services/floor/app-error.ts';
import { openClawdforge } from '../../../../services/io/agent/clawdforge-agent.ts';
import { type ClawdforgeOptions, startClawdforge } from '../../../support/clawdforge-server.ts';
import { atEnd } from '../../../support/git-repository.ts';

const token = 'cf_s3cret-of-the-gateway/0123+456789';

async function stage(context: TestContext, more: Partial<ClawdforgeOptions> = {}) {
  const server = await startClawdforge({ token, answer: (prompt) => `answer to ${prompt}`, context, ...more });
  const agent = openClawdforge({ url: server.url, token, model: 'opus', turnTimeoutSecs: 600 });
  return { server, agent };
}

test('a conversation is opened under the name of its attempt, asked, looked at and ended', async (context) => {
  const { server, agent } = await stage(context);
  const id = await agent.open('12-1');
  const [session] = [...server.sessions.values()];
  assert.deepEqual(session?.meta, { crafting_table_patch: '12-1' });
  assert.equal(session?.model, 'opus');
  const reply = await agent.turn(id, 'one');
  assert.equal(reply.text, 'answer to one');
  assert.deepEqual([reply.inputTokens, reply.outputTokens, reply.usd], [null, null, null]);
  await agent.turn(id, 'two');
  assert.deepEqual(await agent.state(id), { turns: 2, closed: false });
  await agent.close(id);
  await agent.close(id);
  assert.deepEqual(await agent.state(id), { turns: 2, closed: true });
  assert.equal(session?.closes, 2);
});

test('without a model the gateway chooses', async (context) => {
  const { server } = await stage(context);
  await openClawdforge({ url: `${server.url}/`, token, model: null, turnTimeoutSecs: 60 }).open('1-1');
  assert.equal([...server.sessions.values()][0]?.model, null);
});

test('a lost conversation is found by its name, but not one that is closed, foreign or another attempt', async (context) => {
  const { server, agent } = await stage(context, { otherToken: 'cf_other-token' });
  const other = openClawdforge({ url: server.url, token: 'cf_other-token', model: null, turnTimeoutSecs: 60 });
  const foreign = await other.open('12-1');
  await agent.open('12-10');
  assert.equal(await agent.find('12-1'), null);
  assert.equal(await agent.state(foreign), null);
  const id = await agent.open('12-1');
  assert.equal(await agent.find('12-1'), id);
  await agent.close(id);
  assert.equal(await agent.find('12-1'), null);
});

test('of two conversations of one name, the one that has answered is found', async (context) => {
  const { agent } = await stage(context);
  await agent.open('12-1');
  const used = await agent.open('12-1');
  await agent.turn(used, 'x');
  assert.equal(await agent.find('12-1'), used);
});

test('a list under a name, and one that leaves the meta out, are read as well', async (context) => {
  const { server, agent } = await stage(context);
  const id = await agent.open('12-1');
  const rows = [{ session_id: id, turn_count: 0, closed_at: null }];
  server.failNext('list', { status: 200, raw: JSON.stringify({ sessions: rows }) });
  assert.equal(await agent.find('12-1'), id);
});

test('what a turn took is taken over where the gateway says so', async (context) => {
  const { agent } = await stage(context, { usage: { input_tokens: 5, output_tokens: 'many', cost_usd: 0.25 } });
  const { inputTokens, outputTokens, usd } = await agent.turn(await agent.open('1-1'), 'x');
  assert.deepEqual([inputTokens, outputTokens, usd], [5, null, 0.25]);
});

test('a prompt of some megabytes arrives as it is', async (context) => {
  const { server, agent } = await stage(context, { answer: () => 'read' });
  for (const size of [64 * 1024, 64 * 1024 + 1, 3_000_000]) {
    const prompt = `${'ü"\n'.repeat(size / 3)}end`;
    assert.equal((await agent.turn(await agent.open('1-1'), prompt)).text, 'read');
    assert.equal(server.turns.at(-1)?.prompt, prompt);
  }
});

const failing: [string, Parameters<Awaited<ReturnType<typeof stage>>['server']['failNext']>[1], ErrorCode, RegExp][] = [
  ['a refused token', 'unauthorized', 'unauthorized', /401: invalid token/],
  ['a refused address', 'forbidden', 'unauthorized', /403/],
  ['an unknown conversation', 'not_found', 'not_found', /404/],
  ['a closed conversation', 'gone', 'not_found', /410: session is closed/],
  ['a failed run', 'run_failure', 'unavailable', /502: run_failed: the model is overloaded/],
  ['a full pool', 'pool_full', 'unavailable', /503: pool is full/],
  ['too many requests', { status: 429, raw: 'slow down' }, 'unavailable', /429: slow down/],
  ['a gateway before the gateway that waited too long', { status: 504, raw: '' }, 'timeout', /504$/],
  ['a refused question', { status: 422, raw: '{"detail":[{"msg":"no"}]}' }, 'invalid', /422: no/],
  ['a redirection', { status: 302, raw: '', headers: { location: 'http://localhost:1/' } }, 'invalid', /302/],
  ['half of an answer', 'malformed', 'invalid', /not JSON/],
  ['another shape', { status: 200, raw: '{"ok":true,"events":[{"content":"x"}]}' }, 'invalid', /\/events\/0\/type/],
  ['a text that is no text', { status: 200, raw: '{"events":[{"type":"text","content":[]}]}' }, 'invalid', /no text/],
  [
    'a turn that says it failed',
    { status: 200, raw: '{"ok":false,"events":[],"error":"x"}' },
    'unavailable',
    /failed: x/,
  ],
  ['an answer without end', { status: 200, raw: 'x'.repeat(4_200_000) }, 'invalid', /more than 4194304 bytes/],
  ['a cut connection', 'cut', 'unavailable', /whether it did .* is not known/],
];
for (const [title, failure, code, words] of failing)
  test(`${title} ends a turn as ${code}, and nothing is asked twice`, async (context) => {
    const { server, agent } = await stage(context);
    const id = await agent.open('1-1');
    server.failNext('turn', failure);
    await assert.rejects(agent.turn(id, 'x'), (error) => isAppError(error, code) && words.test(error.message));
    assert.equal(server.requests.filter(({ operation }) => operation === 'turn').length, 1);
    assert.equal((await agent.turn(id, 'y')).text, 'answer to y');
  });

test('a full pool says how long to wait', async (context) => {
  const { agent } = await stage(context, { maxOpen: 1 });
  await agent.open('1-1');
  await assert.rejects(agent.open('2-1'), { code: 'unavailable', retryAfterSecs: 7 });
});

test('a connection that is cut after the work leaves a turn that can be seen', async (context) => {
  const { server, agent } = await stage(context);
  const id = await agent.open('1-1');
  server.failNext('turn', 'cut_after');
  await assert.rejects(agent.turn(id, 'x'), { code: 'unavailable' });
  assert.deepEqual(await agent.state(id), { turns: 1, closed: false });
});

test('a turn that takes too long ends as timeout, and the next one has a connection of its own', async (context) => {
  const { server } = await stage(context);
  const agent = openClawdforge({ url: server.url, token, model: null, turnTimeoutSecs: 0.05, graceSecs: 0.05 });
  const patient = openClawdforge({ url: server.url, token, model: null, turnTimeoutSecs: 60 });
  const id = await patient.open('1-1');
  server.failNext('turn', 'hang');
  await assert.rejects(agent.turn(id, 'x'), { code: 'timeout' });
  assert.equal((await patient.turn(id, 'y')).text, 'answer to y');
});

test('a turn that is given up ends at once', async (context) => {
  const { agent } = await stage(context, { answer: () => new Promise(() => {}) });
  const id = await agent.open('1-1');
  const giving = new AbortController();
  const asked = agent.turn(id, 'x', giving.signal);
  giving.abort();
  await assert.rejects(asked, { code: 'unavailable', reason: 'agent_aborted' });
  await assert.rejects(agent.turn(id, 'x', AbortSignal.abort()), { reason: 'agent_aborted' });
});

test('an id that could leave its place in a path is never sent', async (context) => {
  const { server, agent } = await stage(context);
  for (const id of ['', '../admin/tokens', 'a/b', 'a?b', 'a%2fb', 'a\nb', 'a'.repeat(129)]) {
    await assert.rejects(agent.turn(id, 'x'), { code: 'invalid' });
    await assert.rejects(agent.state(id), { code: 'invalid' });
    await assert.rejects(agent.close(id), { code: 'invalid' });
  }
  server.failNext('create', { status: 200, raw: '{"session_id":"../admin"}' });
  await assert.rejects(agent.open('1-1'), { code: 'invalid' });
  assert.equal(server.requests.length, 1);
});

test('an unknown conversation is gone already, a gateway without sessions is not a gateway', async (context) => {
  const { server, agent } = await stage(context);
  await agent.close('no-such-session');
  assert.equal(await agent.state('no-such-session'), null);
  const elsewhere = openClawdforge({ url: `${server.url}/other`, token, model: null, turnTimeoutSecs: 60 });
  await assert.rejects(elsewhere.open('1-1'), { code: 'invalid', message: /address of a clawdforge/ });
  await assert.rejects(elsewhere.find('1-1'), { code: 'invalid' });
});

test('an address or a token that cannot work is refused at once, without repeating it', () => {
  for (const [url, bearer] of [
    ['nonsense cf_secret', token],
    ['ftp://cf_secret', token],
    ['http://localhost', 'cf_secret\r\nx: y'],
    ['http://localhost', ''],
  ] as const)
    assert.throws(
      () => openClawdforge({ url, token: bearer, model: null, turnTimeoutSecs: 60 }),
      (error) => isAppError(error, 'invalid') && !inspect(error).includes('cf_secret'),
    );
});

test('no error of any method holds the token, even when the gateway repeats it in every form', async (context) => {
  const said = [token, encodeURIComponent(token), Buffer.from(`Bearer ${token}`).toString('base64')];
  const bodies = [...said, JSON.stringify({ detail: said }), `{"session_id":"${token}"}`, `{"events":"${token}"`];
  let reply = { status: 500, body: '', reason: 'x' };
  const server = createServer((request, response) => {
    if (reply.status === 0) return void request.socket.end(`HTTP/9.9 ${request.headers.authorization}\r\n\r\n`);
    response.writeHead(reply.status, reply.reason).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.closeAllConnections());
  atEnd(context, () => server.close());
  const { port } = server.address() as AddressInfo;
  const agent = openClawdforge({ url: `http://127.0.0.1:${port}`, token, model: null, turnTimeoutSecs: 60 });
  const closed = openClawdforge({ url: 'http://127.0.0.1:1', token, model: null, turnTimeoutSecs: 60 });
  let failed = 0;
  const calls = [closed, agent].flatMap((one) => [
    () => one.open('1-1'),
    () => one.find('1-1'),
    () => one.turn('id', 'x'),
    () => one.state('id'),
    () => one.close('id'),
  ]);
  for (const status of [0, 200, 302, 400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504])
    for (const body of bodies) {
      reply = { status, body, reason: 'x' };
      for (const call of calls) {
        const error: unknown = await call().then(
          () => undefined,
          (thrown) => thrown,
        );
        if (error === undefined) continue;
        failed += 1;
        assert.ok(isAppError(error));
        const shown = `${inspect(error, { depth: Infinity, showHidden: true })} ${error.stack}`;
        for (const form of said) assert.ok(!shown.includes(form), `${status} ${form}: ${shown}`);
      }
    }
  assert.ok(failed > 500, String(failed));
});

test('a gateway that is not there is unavailable', async () => {
  const agent = openClawdforge({ url: 'http://127.0.0.1:1', token, model: null, turnTimeoutSecs: 60 });
  await assert.rejects(agent.open('1-1'), { code: 'unavailable', message: /refuses connections/ });
});

test('the stand-in fails what does not keep to the API', async () => {
  const server = await startClawdforge({ token, answer: () => 'x' });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/sessions`, { method: 'POST', headers, body: '{"modle":"x"}' });
  assert.equal(answer.status, 422);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  await assert.rejects(server.stop(), /modle/);
});
