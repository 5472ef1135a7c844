import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { openFarm } from '../../support/farm.ts';
import type { Answer, Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { enqueue, eslintReport, register } from './registered.ts';
import { routeTable } from './route-table.ts';

// A forge shows no bearer but a signature.
const farm = await openFarm({ env: { CRAFTING_FORGE_WEBHOOK_SECRET: 'a-webhook-secret' } });
after(() => farm.close());
const { http } = farm;
let owner = '';
let stranger = '';
let jobId = '';
let findingId = 0;

before(async () => {
  [owner, stranger] = [await http.mint('owner'), await http.mint('stranger')];
  await register(farm, 'mine', { bearer: owner, commands: { test: 'exit 1' } });
  jobId = (await enqueue(farm, 'mine', { recipe: 'test' }, { bearer: owner })).job_id;
  await http.ended(jobId);
  findingId = (await http.get(`/jobs/${jobId}/findings`)).json.findings[0].id;
});

const documents = [
  '/openapi.json',
  '/asyncapi.json',
  '/.well-known/crafting-table-keys.json',
  '/schemas/proof-v1.json',
  '/schemas/events.json',
  '/schemas/api.json',
  '/problems',
  '/problems/:code',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
];
const isPublic = (path: string) => ['/healthz', '/readyz', '/metrics', '/session', ...documents].includes(path);
const filled = (path: string) => path.replace(/:\w+/g, 'x');

// A forge shows no bearer: it signs what it sends.
test('every route but health and documentation needs a known bearer, whatever is sent along', async () => {
  for (const { method, path } of routeTable().filter((route) => !isPublic(route.path))) {
    for (const bearer of [null, 'ct_nobody', '', 'x'.repeat(5000)]) {
      const body = method === 'GET' ? {} : { body: '{not json' };
      const { status, json, headers } = await http(method, filled(path), { bearer, ...body });
      assert.equal(status, 401, `${method} ${path}`);
      assert.equal(json.code, path === '/forge/webhook' ? 'webhook_signature' : 'unauthorized');
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
    }
  }
});

test('other schemes than Bearer are no bearer', async () => {
  for (const authorization of [`Basic ${owner}`, owner, 'Bearer', `Bearer ${owner} x`, `bearer,${owner}`]) {
    const { status } = await http.get('/projects', { bearer: null, headers: { authorization } });
    assert.equal(status, 401, authorization);
  }
});

test('a revoked bearer is unknown, and so is a bearer from an address outside its networks', async () => {
  const gone = await http.mint('gone');
  assert.equal((await http.get('/projects', { bearer: gone })).status, 200);
  await http('DELETE', '/admin/tokens/gone');
  assert.equal((await http.get('/projects', { bearer: gone })).status, 401);
  const far = await http.mint('far', { ip_cidrs: ['10.0.0.0/8', '2001:db8::/32'] });
  const { status, json } = await http.get('/projects', { bearer: far });
  assert.equal(status, 401);
  assert.equal(
    json.detail,
    'The bearer far is not for the address 127.0.0.1: it may be shown from 10.0.0.0/8, 2001:db8::/32.',
  );
  const near = await http.mint('near', { ip_cidrs: ['10.0.0.0/8', '127.0.0.1'] });
  assert.equal((await http.get('/projects', { bearer: near })).status, 200);
});

test('an address that has other methods names them, to whoever may know', async () => {
  const { status, json, headers } = await http('PUT', '/jobs/x/log?at=1', { body: {} });
  assert.deepEqual([status, json.code, headers.get('allow')], [405, 'method_not_allowed', 'GET, HEAD']);
  assert.equal((await http('PATCH', '/nothing', { body: {} })).status, 404);
  assert.equal((await http('PUT', '/jobs', { body: {}, bearer: null })).status, 401);
});

test('what only an admin may do is a 403 for a known bearer', async () => {
  for (const { method, path } of routeTable().filter((route) => route.path.startsWith('/admin/'))) {
    const body = method === 'POST' ? { body: { name: 'x' } } : {};
    const { status, json } = await http(method, filled(path), { bearer: owner, ...body });
    assert.equal(status, 403, `${method} ${path}`);
    assert.equal(json.code, 'admin_only');
  }
});

test('what belongs to somebody else answers byte for byte like what is not there', async () => {
  const pairs: [string, string, string, Json?][] = [
    ['GET', '/projects/mine', '/projects/none'],
    ['PUT', '/projects/mine', '/projects/none', { git_url: farm.repository }],
    ['DELETE', '/projects/mine', '/projects/none'],
    ['POST', '/projects/mine/jobs', '/projects/none/jobs', { recipe: 'test' }],
    ['POST', '/projects/mine/jobs', '/projects/none/jobs', { recipe: 'wrong' }],
    ['GET', '/projects/mine/findings/diff?from=0', '/projects/none/findings/diff?from=0'],
    ['GET', '/events?project=mine', '/events?project=none'],
    ...[
      'findings.sarif',
      'trends',
      'tests',
      'matrix',
      'marks',
      'coverage',
      'roles?path=a.js',
      'owners?path=a.js',
      'source?path=a.js',
    ].map((end): [string, string, string] => ['GET', `/projects/mine/${end}`, `/projects/none/${end}`]),
    ['POST', '/projects/mine/reparse', '/projects/none/reparse', {}],
    [
      'POST',
      '/projects/mine/verify-patch',
      '/projects/none/verify-patch',
      { diff: '@@ -1 +1 @@', finding_ids: [findingId] },
    ],
    ['GET', '/jobs?project=mine', '/jobs?project=none'],
    ['GET', '/findings?project=mine', '/findings?project=none'],
    ['GET', `/findings/${findingId}`, '/findings/999999'],
    ['GET', `/findings/${findingId}/owners`, '/findings/999999/owners'],
    ['POST', `/findings/${findingId}/suppress`, '/findings/999999/suppress', { reason: 'x' }],
    ['POST', `/findings/${findingId}/unsuppress`, '/findings/999999/unsuppress'],
    ...[
      '',
      '/log',
      '/log/lines',
      '/log/search?q=x',
      '/compare',
      '/log?tail=1',
      '/log?follow=1',
      '/findings',
      '/findings.sarif',
      '/coverage',
      '/tests',
    ].map((end): [string, string, string] => ['GET', `/jobs/${jobId}${end}`, `/jobs/00000000000000000000000000${end}`]),
    ...['/cancel', '/rerun'].map((end): [string, string, string] => [
      'POST',
      `/jobs/${jobId}${end}`,
      `/jobs/00000000000000000000000000${end}`,
    ]),
  ];
  for (const [method, theirs, nowhere, body] of pairs) {
    const asking = {
      bearer: stranger,
      ...(body ? { body } : {}),
      headers: { 'idempotency-key': `${method}${theirs}` },
    };
    const [a, b] = [await http(method, theirs, asking), await http(method, nowhere, asking)];
    const plain = (text: string) => text.replace(/"request_id":"[^"]*"/, '').replaceAll('mine', 'none');
    assert.equal(a.status, b.status, `${method} ${theirs}`);
    assert.equal(plain(a.text), plain(b.text), `${method} ${theirs}`);
    assert.notEqual(a.status, 403);
    assert.deepEqual([...a.headers.keys()].sort(), [...b.headers.keys()].sort(), `${method} ${theirs}`);
  }
  assert.equal((await http.get('/projects/mine', { bearer: owner })).status, 200);
});

/** One thing of each kind that is the owner's, and one that is nowhere. */
async function things(): Promise<Record<string, [string, string]>> {
  const {
    models,
    store: { log },
  } = farm;
  const mine = { project: 'mine', owner: 'owner' };
  const bottle_id = '01jdr4k2m3n4p5q6r7s8t9v0wx';
  const seqs = [
    await log.append(sampleDraft('PatchRequested', '42-1', { ...mine, finding_id: findingId, job_id: jobId })),
    await log.append(sampleDraft('AgentRunRequested', bottle_id, { ...mine, bottle_id })),
    await log.append(sampleDraft('IssueTargeted', 'mine-17', { ...mine, work_id: 'mine-17' })),
  ];
  await models?.applied(Math.max(...seqs.map(({ seq }) => seq)), 10_000);
  return {
    bottles: [bottle_id, '01jdr4k2m3n4p5q6r7s8t9v000'],
    findings: [String(findingId), '999999'],
    jobs: [jobId, '0'.repeat(26)],
    patches: ['42-1', '43-1'],
    projects: ['mine', 'none'],
    schedules: ['mine', 'none'],
    teams: ['owner', 'nobody'],
    work: ['mine-17', 'none-17'],
  };
}

test('no route below a thing of another team tells that it is there', async () => {
  const known = await things();
  const plain = (text: string, [theirs, nowhere]: [string, string]) =>
    text.replace(/"request_id":"[^"]*"/, '').replaceAll(theirs, nowhere);
  const rest: Record<string, string> = { secret: 'NPM_TOKEN', recipe: 'test', agent: 'fixer', id: 'chat', name: 'x' };
  let asked = 0;
  for (const { method, path, body } of routeTable()) {
    const [, room = '', ...below] = path.split('/');
    const pair = known[room];
    if (!pair || !below[0]?.startsWith(':')) continue;
    const at = (id: string) =>
      ['', room, id, ...below.slice(1).map((one) => (one[0] === ':' ? rest[one.slice(1)] : one))].join('/');
    for (const given of body === undefined ? [undefined] : [{}, sampleOf(body)]) {
      const asking = { bearer: stranger, ...(given === undefined ? {} : { body: given }) };
      const [a, b]: [Answer, Answer] = [
        await http(method, at(pair[0]), asking),
        await http(method, at(pair[1]), asking),
      ];
      assert.deepEqual([a.status, plain(a.text, pair)], [b.status, plain(b.text, pair)], `${method} ${path}`);
      assert.ok(a.status >= 400, `${method} ${path}: ${a.status}`);
      asked += 1;
    }
    if (method !== 'GET') continue;
    const own = await http.get(at(pair[0]), { bearer: owner });
    if (below.length === 1) assert.equal(own.status, 200, `${path}: ${own.text}`);
  }
  assert.ok(asked > 60, String(asked));
  const names = new RegExp(`"mine"|${known['jobs']?.[0]}|${known['bottles']?.[0]}|mine-17|"42-1"`);
  for (const { method, path } of routeTable()) {
    if (method !== 'GET' || path.includes(':') || isPublic(path) || /^\/(admin|mcp)/.test(path)) continue;
    const { status, text } = await http.get(path, { bearer: stranger });
    assert.ok(status < 500 && !names.test(text), `${path}: ${text.slice(0, 500)}`);
  }
});

/** A body that fits its schema as far as that can be made up. */
function sampleOf(schema: TSchema): unknown {
  try {
    return Value.Create(schema);
  } catch {
    return {};
  }
}

test('lists hold only what is the caller’s own, and everything for an admin', async () => {
  for (const [path, field] of [
    ['/projects', 'projects'],
    ['/jobs', 'jobs'],
    ['/findings', 'findings'],
  ] as const) {
    assert.equal((await http.get(path, { bearer: stranger })).json[field].length, 0, path);
    assert.equal((await http.get(path, { bearer: owner })).json[field].length, 1, path);
    assert.equal((await http.get(path)).json[field].length, 1, path);
  }
});

test('an admin changes a project without becoming its owner', async () => {
  const { project } = (await http.get('/projects/mine')).json;
  const changed = await http('PUT', '/projects/mine', { body: { ...project, supersede: true } });
  assert.equal(changed.json.project.owner, 'owner');
  const stolen = await http('PUT', '/projects/mine', { body: { ...project, owner: 'admin' } });
  assert.equal(stolen.json.errors[0].path, '/body/owner');
});

test('whoever takes the name of a removed project sees nothing of the time before', async () => {
  const old = await register(farm, 'reused', { bearer: owner, commands: { test: 'echo private-word; exit 1' } });
  const { job_id } = await enqueue(farm, old.name, { recipe: 'test' }, { bearer: owner });
  await http.ended(job_id);
  await http('DELETE', '/projects/reused', { bearer: owner });
  await register(farm, 'reused', { bearer: stranger });
  const { text } = await http.get('/events?project=reused', { bearer: stranger });
  assert.deepEqual(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
    ['ProjectRegistered'],
  );
  assert.equal((await http.get('/findings?project=reused', { bearer: stranger })).json.findings.length, 0);
  assert.equal((await http.get(`/jobs/${job_id}`, { bearer: stranger })).status, 404);
});

test('what a job of a removed project still finds is not shown to who takes the name', async () => {
  const report = eslintReport('a.js', 'private-word');
  const commands = { lint: `echo '${report}'; echo up >&2; sleep 3000` };
  await register(farm, 'late', { bearer: owner, commands });
  const { job_id } = await enqueue(farm, 'late', { recipe: 'lint' }, { bearer: owner });
  await until(async () => (await http.get(`/jobs/${job_id}/log?stream=stderr`)).text === 'up\n');
  await http('DELETE', '/projects/late', { bearer: owner });
  await register(farm, 'late', { bearer: stranger });
  const exited = new RegExp(`"type":"RecipeExited","subject":"${job_id}"`);
  await until(async () => exited.test((await http.get('/events?project=late')).text));
  // The jobs of a project are read in turn: when this one is over, so is the reading of the first.
  const next = await enqueue(farm, 'late', { recipe: 'test' }, { bearer: stranger });
  await http.ended(next.job_id, { bearer: stranger });
  const answers = ['/findings', '/events', '/projects/late/findings/diff?from=0'];
  for (const path of answers) {
    const { status, text } = await http.get(path, { bearer: stranger });
    assert.equal(status, 200);
    assert.ok(!text.includes('private-word') && !text.includes(job_id), `${path}: ${text}`);
  }
});
