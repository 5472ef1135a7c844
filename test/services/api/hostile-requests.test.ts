import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openFarm } from '../../support/farm.ts';
import type { Answer, Json } from '../../support/http.ts';
import { exchange } from './raw-socket.ts';
import { enqueue, register } from './registered.ts';
import { routeTable } from './route-table.ts';

const farm = await openFarm({
  env: { CRAFTING_FORGE_WEBHOOK_SECRET: 'a-webhook-secret', CRAFTING_PATCHER_FORGE: 'none' },
});
after(() => farm.close());
const { http } = farm;
let ids: Record<string, string> = {};

before(async () => {
  await register(farm, 'p', { commands: { test: 'exit 1' } });
  const { job_id } = await enqueue(farm, 'p', { recipe: 'test' });
  await http.ended(job_id);
  const { findings } = (await http.get(`/jobs/${job_id}/findings`)).json;
  ids = { name: 'p', job: job_id, finding: findings[0].id };
});

/** Holds what every refusal holds: a status below 500, a problem body, nothing of the inside. */
function isRefusal({ status, json, text, headers }: Answer, what: string): void {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text.slice(0, 300)}`);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, what);
  assert.deepEqual([json.ok, json.status], [false, status], what);
  assert.ok(json.detail && json.title && json.code && json.request_id, what);
  assert.doesNotMatch(text, /node_modules|\.ts:\d|at (?:async )?\w+ \(/, what);
}

const project = (more: Json): Json => ({ name: 'q', git_url: farm.repository, ...more });
const subproject = (more: Json): Json =>
  project({ subprojects: [{ path: '.', language: 'x', test: 'true', ...more }] });
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

const bodies: Record<string, unknown> = {
  'half a document': '{"name":',
  'not JSON': 'name=q',
  'an array': [],
  'a string': '"q"',
  null: 'null',
  'nothing at all': '',
  'deep nesting': deep,
  'deep nesting inside': `{"name":"q","git_url":"/x","subprojects":${deep}}`,
  __proto__: '{"name":"q","git_url":"/x","__proto__":{"is_admin":true}}',
  'constructor.prototype': '{"name":"q","git_url":"/x","constructor":{"prototype":{"a":1}}}',
  'a NUL in the middle': '{"name":"q\0"}',
  'a name with a slash': project({ name: '../x' }),
  'a name of dots': project({ name: '..' }),
  'a name that looks like another': project({ name: 'рroject' }),
  'a name in capitals': project({ name: 'Q' }),
  'a name that is too long': project({ name: 'q'.repeat(65) }),
  'a name with a line end': project({ name: 'q\n' }),
  'a name with half a surrogate pair': '{"name":"\\ud800","git_url":"/x"}',
  'a list of names': project({ name: ['q'] }),
  'a path out of the repository': subproject({ path: '../x' }),
  'an absolute path': subproject({ path: '/etc' }),
  'the repository’s own folder': subproject({ path: 'a/.git/hooks' }),
  'a NUL in a path': subproject({ path: 'a\0b' }),
  'a NUL in a command': subproject({ test: 'true\0' }),
  'a NUL in the environment': subproject({ env: { A: 'x\0' } }),
  'a name of a variable with =': subproject({ env: { 'A=B': 'x' } }),
  'a gigantic timeout':
    '{"name":"q","git_url":"/x","subprojects":[{"path":".","language":"x","test":"a","timeout_secs":1e400}]}',
  'a negative timeout': subproject({ timeout_secs: -1 }),
  'half a timeout': subproject({ timeout_secs: 1.5 }),
  'no command': project({ subprojects: [{ path: '.', language: 'x' }] }),
  'one folder twice': project({ subprojects: ['a', './a/'].map((path) => ({ path, language: 'x', test: 'true' })) }),
  'a branch that git refuses': project({ default_branch: '-x..y' }),
  'a remote helper': project({ git_url: 'ext::sh -c id' }),
  'an option as an address': project({ git_url: '--upload-pack=id' }),
  'a schedule that is none': project({ schedule: { audit: 'soon' } }),
  'a time zone that is none': project({ schedule: { timezone: 'Mars/Olympus' } }),
  'a mail address that is none': project({ notify: { email: ['a@b\r\nBcc: c@d'] } }),
};

for (const [what, body] of Object.entries(bodies)) {
  test(`registering with ${what} is refused`, async () => {
    const answer = await http('POST', '/projects', { body });
    isRefusal(answer, what);
    assert.equal(answer.status, 400);
    assert.equal((await http.get('/projects')).json.projects.length, 1);
  });
}

test('every route that takes a body names the field that is no text', async () => {
  const ill: [string, string][] = [
    ['{"a":{"b":["x","y\\ud800"]}}', '/body/a/b/1'],
    ['{"a":[{"\\udfff":1}]}', '/body/a/0/?'],
    ['{"a":"\\u0000"}', '/body/a'],
    ['"\\ud83d"', '/body'],
  ];
  for (const { method, path, body } of routeTable()) {
    if (body === undefined || path === '/mcp') continue;
    for (const [text, at] of ill) {
      const answer = await http(
        method,
        path.replace(/:(\w+)/g, (_, name) => ids[name] ?? 'p'),
        { body: text },
      );
      isRefusal(answer, `${method} ${path}`);
      assert.equal(answer.json.errors?.[0]?.path, at, `${method} ${path}: ${answer.text}`);
    }
  }
  const bytes = Buffer.concat([Buffer.from('{"name":"\ufffd'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);
  const head = `POST /projects HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${farm.admin}\r\nconnection: close`;
  const raw = Buffer.concat([Buffer.from(`${head}\r\ncontent-length: ${bytes.length}\r\n\r\n`), bytes]);
  const said = await exchange(farm.url, raw);
  assert.match(said, /^HTTP\/1.1 400 [\s\S]*not text in UTF-8: the byte at 12 /);
});

test('every text and list that a body stores is bounded', () => {
  const unbounded: string[] = [];
  const walk = (schema: Json | undefined, at: string) => {
    if (!schema || schema.readOnly) return;
    const isWord = schema.const !== undefined || schema.pattern !== undefined || schema['x-words'] !== undefined;
    if (schema.type === 'string' && schema.maxLength === undefined && !isWord) unbounded.push(at);
    if (schema.type === 'array' && schema.maxItems === undefined) unbounded.push(at);
    for (const [name, inner] of Object.entries({ ...schema.properties, ...schema.patternProperties }))
      walk(inner as Json, `${at}/${name}`);
    for (const inner of [schema.items, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) walk(inner, at);
  };
  for (const { method, path, body } of routeTable()) walk(body as Json | undefined, `${method} ${path}`);
  // What an answer says of a project may be sent back with it; it is compared, and not stored.
  const compared = /^PUT \/projects\/:name\/(?:owner|forge_access|recipes_from|earlier_names|created_at|updated_at)\b/;
  assert.deepEqual(
    unbounded.filter((at) => !compared.test(at)),
    [],
  );
});

test('unknown fields are named', async () => {
  const { json } = await http.post(
    '/projects',
    project({ nmae: 1, subprojects: [{ path: '.', language: 'x', tset: 'a' }] }),
  );
  const paths = json.errors.map(({ path }: Json) => path);
  assert.ok(paths.includes('/body/nmae') && paths.includes('/body/subprojects/0/tset'), JSON.stringify(json.errors));
});

test('hostile addresses, queries and headers are refused', async () => {
  const far = 'a'.repeat(5000);
  const gets: [string, number, Record<string, string>?][] = [
    ['/jobs/%zz', 400],
    [`/jobs/${far}`, 400],
    ['/jobs/%00', 404],
    ['/jobs/%ed%a0%80', 400],
    ['/projects/..%2f..%2fetc', 404],
    ['/projects/__proto__', 404],
    ['/projects/%D1%80', 404],
    ['/findings/1e3', 404],
    ['/findings/-1', 404],
    ['/findings/99999999999999999999', 404],
    ['/jobs?limit=0', 400],
    ['/jobs?limit=501', 400],
    ['/jobs?limit=1&limit=2', 400],
    ['/jobs?limit=NaN', 400],
    ['/jobs?cursor=!!!', 400],
    ['/jobs?cursor=bnVsbA', 400],
    ['/jobs?cursor=MWUzMDg', 400],
    ['/projects?cursor=MQ', 400],
    ['/jobs?status=odd', 400],
    ['/findings?since=yesterday', 400],
    ['/findings?since=1', 200],
    ['/events?from=2026-99-99', 400],
    ['/events?entity=odd', 400],
    [`/projects/p/findings/diff`, 400],
    [`/projects/p/findings/diff?from=0&to=%2B275760-09-13`, 400],
    ['/docs/static/..%2f..%2fpackage.json', 404],
    ['/jobs', 431, { 'x-big': 'a'.repeat(20_000) }],
  ];
  for (const [path, status, headers = {}] of gets) {
    const answer = await http.get(path, { headers });
    assert.equal(answer.status, status, `${path}: ${answer.text.slice(0, 200)}`);
    if (status !== 431 && status !== 200) isRefusal(answer, path);
  }
});

test('methods that a path does not have are a 404 with a problem body', async () => {
  for (const [method, path] of [
    ['DELETE', '/jobs'],
    ['PUT', '/jobs/x'],
    ['PATCH', '/projects/p'],
    ['OPTIONS', '/jobs'],
    ['POST', '/healthz'],
    ['PROPFIND', '/jobs'],
  ] as const)
    isRefusal(await http(method, path), `${method} ${path}`);
});

test('HEAD answers the headers of a GET and ends, also where a GET would go on', async () => {
  for (const path of [
    '/jobs',
    `/jobs/${ids.job}`,
    `/jobs/${ids.job}/log`,
    `/jobs/${ids.job}/log?follow=1`,
    '/events?follow=1',
  ]) {
    const { status, text } = await http('HEAD', path);
    assert.deepEqual([status, text], [200, ''], path);
  }
});

test('what is not HTTP is answered in HTTP and hung up on', async () => {
  const noise = [
    '\r\n\r\n\r\nEHLO x\r\n',
    `\x16\x03\x01${'\x00'.repeat(200)}`,
    'GET / HTTP/9.9\r\n\r\n',
    'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  const both = 'POST /projects HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  for (const bytes of [...noise, both, 'GET / HTTP/1.1\r\n\r\n'])
    assert.match(await exchange(farm.url, bytes), /^HTTP\/1\.1 4\d\d /, JSON.stringify(bytes.slice(0, 30)));
  assert.equal((await http.get('/healthz')).status, 200);
});

test('a suppression until a time that is none is refused', async () => {
  for (const until of ['+275760-09-13', 'tomorrow', '1', '2026-02-30T25:00:00Z', '', '9999-12-31T23:59:59-14:00'])
    isRefusal(await http.post(`/findings/${ids.finding}/suppress`, { reason: 'x', until }), until);
});

test('no body on any route is answered by a 5xx or by anything but JSON', async () => {
  const routes = routeTable().filter(({ method, path }) => method !== 'GET' && path !== '/admin/rebuild');
  const word = fc.constantFrom(
    'name',
    'git_url',
    'recipe',
    'subprojects',
    'path',
    'language',
    'test',
    'reason',
    'until',
    'ip_cidrs',
    'notify',
    'email',
    'env',
    'sha',
    'branch',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('p', 'test', '.', '\0', '../x', '127.0.0.1/8', 'é\u202e', null, true, -1, 1e308, 2 ** 53),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(word, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const body = fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(word, value, { maxKeys: 6 }) },
    { weight: 1, arbitrary: value },
  );
  const key = fc.option(fc.stringMatching(/^[ -~]{1,12}$/), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), body, key, async ({ method, path }, sent, idempotencyKey) => {
      const id = path.startsWith('/findings') ? ids.finding : ids.job;
      const address = path.replace(':name', method === 'DELETE' ? 'none' : 'p').replace(':id', String(id));
      const headers: Record<string, string> = idempotencyKey?.trim() ? { 'idempotency-key': idempotencyKey } : {};
      const answer = await http(method, address, { body: sent, headers });
      assert.ok(answer.status < 500, `${method} ${address}: ${answer.text}`);
      // MCP answers in the form of its own protocol.
      if (path === '/mcp') return;
      if (answer.status >= 400) isRefusal(answer, `${method} ${address}`);
      else assert.equal(answer.json.ok, true);
    }),
    { numRuns: 250, interruptAfterTimeLimit: 4_000 },
  );
});
