import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSessions } from '../../../../services/api/sessions/session-store.ts';
import { openFarm } from '../../../support/farm.ts';
import type { Answer, Asking } from '../../../support/http.ts';
import { movedClock } from '../../../support/moved-clock.ts';
import { say } from '../../cli/captured-cli.ts';
import { withDoor } from '../door.ts';

const farm = await openFarm();
after(() => farm.close());
const { http, url } = farm;

const own = { 'sec-fetch-site': 'same-origin', 'x-crafting-request': '1' };
const cookieIn = ({ headers }: Answer) => headers.get('set-cookie')?.split(';')[0] ?? '';
const asBrowser = (cookie: string, headers: Record<string, string> = own): Asking => ({
  bearer: null,
  headers: { cookie, ...headers },
});
const signIn = async (body: unknown, headers: Record<string, string> = own) =>
  http.post('/session', body, { bearer: null, headers });

async function signedIn(name: string, more: Record<string, unknown> = {}) {
  const token = await http.mint(name, more);
  const answer = await signIn({ token });
  assert.equal(answer.status, 201, answer.text);
  return { token, cookie: cookieIn(answer), answer };
}

test('a token signs a browser in: the cookie is no token, no script reads it, and no other site sends it', async () => {
  const { token, cookie, answer } = await signedIn('ann');
  assert.match(
    answer.headers.get('set-cookie') ?? '',
    /^crafting_session_\d+=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
  );
  assert.ok(!cookie.includes(token) && !answer.text.includes(token));
  const me = (await http.get('/me', asBrowser(cookie))).json;
  assert.deepEqual([me.token.name, me.teams, me.can.length, me.session.name], ['ann', ['ann'], 4, 'ann']);
  assert.equal(me.farm.time_zone, 'America/Los_Angeles');
  const asBearer = (await http.get('/me', { bearer: token })).json;
  assert.deepEqual([asBearer.token.name, asBearer.session], ['ann', null]);
  assert.deepEqual((await http.get('/me')).json.teams.includes('ann'), true);
});

test('what is no token, both, or neither, is refused with a sentence and sets no cookie', async () => {
  for (const [body, status, code] of [
    [{ token: 'ct_nobody' }, 401, 'unknown_token'],
    [{ code: 'none' }, 401, 'code_spent'],
    [{}, 400, 'invalid'],
    [{ token: 'a', code: 'b' }, 400, 'invalid'],
    [{ token: 7 }, 400, 'invalid'],
  ] as const) {
    const answer = await signIn(body);
    assert.deepEqual([answer.status, answer.json.code, answer.headers.get('set-cookie')], [status, code, null]);
  }
});

test('a session ends with its token: revoked, rotated, or signed out of', async () => {
  const ends = async (name: string, how: (cookie: string) => Promise<Answer>) => {
    const { cookie } = await signedIn(name);
    assert.equal((await http.get('/projects', asBrowser(cookie))).status, 200);
    const ended = await how(cookie);
    assert.ok(ended.status < 300, ended.text);
    assert.equal((await http.get('/projects', asBrowser(cookie))).status, 401, name);
  };
  await ends('revoked', () => http('DELETE', '/admin/tokens/revoked'));
  await ends('rotated', () => http.post('/admin/tokens/rotated/rotate'));
  await ends('rotates-itself', (cookie) => http.post('/token/rotate', undefined, asBrowser(cookie)));
  await ends('leaves', async (cookie) => {
    const answer = await http('DELETE', '/session', asBrowser(cookie));
    assert.match(answer.headers.get('set-cookie') ?? '', /=; Path=\/; Max-Age=0;/);
    return answer;
  });
  const { cookie } = await signedIn('stays');
  const again = await http.post('/session', { token: await http.mint('other') }, asBrowser(cookie));
  assert.equal((await http.get('/projects', asBrowser(cookie))).status, 401);
  assert.equal((await http.get('/me', asBrowser(cookieIn(again)))).json.token.name, 'other');
});

test('a session changes something only with proof that the page itself asks', async () => {
  const { cookie, token } = await signedIn('writer');
  const body = { name: 'site', git_url: farm.repository };
  const tries = (headers: Record<string, string>) => http.post('/projects', body, asBrowser(cookie, headers));
  const header = { 'x-crafting-request': '1' };
  for (const headers of [
    {},
    header,
    { 'sec-fetch-site': 'same-origin' },
    { origin: url },
    { ...header, 'sec-fetch-site': 'none' },
  ]) {
    const { status, json } = await tries(headers);
    assert.deepEqual([status, json.code], [403, 'cross_site'], JSON.stringify(headers));
  }
  // Another site's cookie is none at all.
  for (const headers of [
    { ...header, 'sec-fetch-site': 'cross-site' },
    { ...header, 'sec-fetch-site': 'same-site' },
    { ...header, origin: 'https://evil.example' },
    { ...header, origin: 'null' },
    { ...header, origin: url, 'sec-fetch-site': 'cross-site' },
  ])
    assert.equal((await tries(headers)).status, 401, JSON.stringify(headers));
  const elsewhere = { 'sec-fetch-site': 'cross-site' };
  assert.equal((await http.get('/projects', asBrowser(cookie, elsewhere))).status, 401);
  assert.deepEqual((await signIn({ token }, elsewhere)).json.code, 'cross_site');
  assert.equal((await tries({ ...header, origin: url })).status, 201);
  assert.equal((await http('DELETE', '/projects/site', asBrowser(cookie))).status, 200);
  // A bearer is proof enough, whatever stands beside it.
  const shown = await http.post('/projects', body, { bearer: token, headers: { cookie, ...elsewhere } });
  assert.equal(shown.status, 201);
  assert.equal((await http.get('/projects', { bearer: 'ct_wrong', headers: { cookie, ...own } })).status, 401);
});

test('a session has the networks, the role and the scopes of its token', async () => {
  const far = await http.mint('far', { ip_cidrs: ['10.0.0.0/8'] });
  assert.equal((await signIn({ token: far })).status, 401);
  const { cookie } = await signedIn('reader', { scopes: ['read'] });
  const refused = await http.post('/projects', { name: 'x', git_url: farm.repository }, asBrowser(cookie));
  assert.equal(refused.json.code, 'scope_missing');
});

test('a code signs in once', async () => {
  const bearer = await http.mint('coded');
  const { code, path } = (await http.post('/session/codes', undefined, { bearer })).json;
  assert.equal(path, `/ui/sign-in#code=${code}`);
  const both = await Promise.all([signIn({ code }), signIn({ code })]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 401]);
  assert.equal((await signIn({ code })).json.code, 'code_spent');
  const good = both.find(({ status }) => status === 201);
  assert.equal((await http.get('/me', asBrowser(cookieIn(good as Answer)))).json.token.name, 'coded');
  const late = (await http.post('/session/codes', undefined, { bearer })).json.code;
  await http('DELETE', '/admin/tokens/coded');
  assert.equal((await signIn({ code: late })).status, 401);
});

test('codes and sessions end at their time', async () => {
  const clock = movedClock();
  const sessions = openSessions(farm.store.sessionKeys, clock);
  const bearer = { name: 'x', sha256: 'y' };
  const [{ code }, { id }] = [await sessions.issueCode(bearer), await sessions.open(bearer)];
  const other = await sessions.issueCode(bearer);
  await clock.forward(9 * 60_000);
  assert.deepEqual(await sessions.takeCode(code), bearer);
  await clock.forward(60_000);
  assert.equal(await sessions.takeCode(other.code), null);
  await clock.forward(29 * 86_400_000);
  assert.equal((await sessions.find(id))?.name, 'x');
  await clock.forward(86_400_000);
  assert.equal(await sessions.find(id), null);
});

test('the start and the command line give an address that signs in once, and comes to the page that is meant', async () => {
  const link = await farm.signInLink?.();
  const [, code] = /^http:\/\/127\.0\.0\.1:\d+\/ui\/sign-in#code=([\w-]{43})$/.exec(link ?? '') ?? [];
  assert.equal((await signIn({ code })).json.session.name, 'admin');
  const env = { CRAFTING_TABLE_BASE_URL: url, CRAFTING_TABLE_TOKEN: await http.mint('cli') };
  const said = await say(['open', 'digest', '2026-01-02'], { env });
  const [, next, second] = /\/ui\/sign-in\?next=([^#]+)#code=([\w-]+)\n$/.exec(said.out) ?? [];
  assert.equal(decodeURIComponent(next ?? ''), '/ui/digests/2026-01-02');
  assert.equal((await signIn({ code: second })).json.session.name, 'cli');
  assert.equal((await say(['open', 'house', 'J1'], { env })).code, 2);
});

test('behind TLS and under a base path the cookie says so', async () => {
  await withDoor(farm, { env: { CRAFTING_PUBLIC_URL: 'https://farm.example/ct' } }, async ({ http: there }) => {
    const headers = { origin: 'https://farm.example', 'x-crafting-request': '1' };
    const answer = await there.post('/ct/session', { token: farm.admin }, { bearer: null, headers });
    assert.match(answer.headers.get('set-cookie') ?? '', /; Path=\/ct; /);
  });
  const trusting = { CRAFTING_PUBLIC_URL: 'https://farm.example/ct', CRAFTING_TRUST_PROXY: '127.0.0.1/32' };
  await withDoor(farm, { env: trusting }, async ({ http: there }) => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'farm.example' };
    const answer = await there.post('/session', { token: farm.admin }, { bearer: null, headers: forwarded });
    assert.match(answer.headers.get('set-cookie') ?? '', /^crafting_session=[\w-]+; Path=\/ct; .*; Secure$/);
  });
});

test('a browser that opens an address of the API comes to the page; other clients see no difference', async () => {
  const look = async (path: string, headers: Record<string, string>) => {
    const { status, headers: said } = await fetch(`${url}${path}`, { redirect: 'manual', headers });
    return [status, said.get('location')];
  };
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  for (const [path, page] of [
    ['/', '/ui/'],
    ['/jobs/J1', '/ui/jobs/J1'],
    ['/findings/17?at=3', '/ui/findings/17?at=3'],
    ['/patches/17-1', '/ui/patches/17-1'],
    ['/projects/shop', '/ui/projects/shop'],
    ['/digests/2026-11-30?project=shop', '/ui/digests/2026-11-30?project=shop'],
  ] as const) {
    assert.deepEqual(await look(path, { accept }), [302, page]);
    assert.deepEqual((await look(path, {}))[0], 401, path);
    assert.notEqual((await look(path, { accept, authorization: `Bearer ${farm.admin}` }))[0], 302, path);
  }
  assert.deepEqual((await look('/jobs/J1/log', { accept }))[0], 401);
});
