import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TeamRole, type TokenScope, teamRoles, tokenScopes } from '../../../events/people/token.ts';
import { rightsOf } from '../../../services/api/authenticate.ts';
import { routeScopes, scopeOf } from '../../../services/api/route-scopes.ts';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { enqueue, eslintReport, register } from './registered.ts';
import { routeTable } from './route-table.ts';

const farm = await openFarm({
  env: { CRAFTING_PATCHER_FORGE: 'none', CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' },
  files: { 'report.json': eslintReport('a.js', "'x' is not defined") },
});
after(() => farm.close());
const { http } = farm;
const table = routeTable().filter(({ path }) => path !== '/openapi.json' && path !== '/asyncapi.json');
const publicRoutes = new Set([
  ...['/healthz', '/readyz', '/metrics', '/forge/webhook', '/session'],
  ...['/.well-known/crafting-table-keys.json', '/schemas/proof-v1.json', '/schemas/events.json', '/schemas/api.json'],
  ...[
    '/problems',
    '/problems/:code',
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
  ],
]);

type Member = { readonly bearer: string; readonly role: TeamRole; readonly scopes: readonly TokenScope[] };
const members: Member[] = [];
/** What stands in the place of each `:name` of a path: things of the team `payments`, of which `orders` knows nothing. */
const ids: Record<string, string> = {
  secret: 'NPM_TOKEN',
  name: 'shop',
  project: 'shop',
  recipe: 'lint',
  team: 'payments',
  set: 'all',
};
let stranger: Member[] = [];

const scopeSets: readonly TokenScope[][] = [[...tokenScopes], ['read'], ['admin'], ['run', 'write']];

before(async () => {
  for (const team of ['payments', 'orders']) assert.equal((await http.post('/teams', { team })).status, 201);
  const made = async (team: string) => {
    const all: Member[] = [];
    for (const role of teamRoles)
      for (const [at, scopes] of scopeSets.entries())
        all.push({ role, scopes, bearer: await http.mint(`${team}.${role}-${at}`, { team, role, scopes }) });
    return all;
  };
  members.push(...(await made('payments')));
  stranger = await made('orders');
  const bearer = members.find(({ role }) => role === 'maintainer')?.bearer ?? '';
  const project = await register(farm, 'shop', {
    bearer,
    commands: { lint: 'cat report.json; exit 1' },
    schedule: { lint: '03:00' },
  });
  assert.equal(project.owner, 'payments');
  const job = await enqueue(farm, 'shop', { recipe: 'lint' }, { bearer });
  await http.ended(job.job_id);
  ids.job = job.job_id;
  ids.finding = String((await http.get(`/jobs/${job.job_id}/findings`)).json.findings[0].id);
});

/** A body that is refused for nothing but its sender. */
const bodies: Record<string, Json> = {
  'PUT /recipe-sources/:owner/:name': { git_url: 'https://git.example.org/sets.git' },
  'POST /projects/:name/jobs': { recipe: 'lint' },
  'PATCH /projects/:name': { languages: ['go'] },
  'PUT /projects/:name': { git_url: 'https://git.example.org/x/y.git' },
  'POST /projects/:name/hand-over': { to: 'orders' },
  'POST /projects/:name/rename': { to: 'shop' },
  'POST /projects/:name/reparse': {},
  'POST /projects/:name/verify-patch': { diff: '@@ -1 +1 @@', finding_ids: [999_999] },
  'POST /projects/:name/work': { issue: 1 },
  'POST /work/:id/resume': { instructions: 'x' },
  'POST /findings/:id/assign': { assignee: null },
  'POST /findings/:id/suppress': { reason: 'x' },
  'POST /patches/:id/approve': { digest: 'a'.repeat(64) },
  'POST /patches/:id/decline': { digest: 'a'.repeat(64) },
  'POST /teams/:team/tokens': { name: 'payments.new' },
  'PUT /teams/:team/tokens/:name': { role: 'owner' },
  'PUT /projects/:name/secrets/:secret': { value: 'x' },
  'PUT /teams/:team/secrets/:secret': { value: 'x' },
  'POST /registrations/:set/start': { mode: 'merge', projects: [], creating: [] },
};
const queries: Record<string, string> = {
  'GET /projects/:name/findings/diff': '?from=0',
  'GET /projects/:name/owners': '?path=a.js',
  'GET /jobs/:id/log/search': '?q=x',
  'GET /projects/:name/roles': '?path=a.js',
  'GET /projects/:name/source': '?path=a.js',
  'POST /projects/:name/webhooks/:id/replay': '?from=0',
};

function addressOf(method: string, path: string): string {
  const id = path.startsWith('/jobs') ? ids.job : path.startsWith('/findings') ? ids.finding : 'none';
  const name = path.startsWith('/teams') ? 'payments.viewer-0' : ids.name;
  const filled = path.replace(/:(\w+)/g, (_all, word: string) =>
    word === 'id' ? (id ?? '') : word === 'name' ? (name ?? '') : (ids[word] ?? 'none'),
  );
  return filled + (queries[`${method} ${path}`] ?? '');
}

const guarded = table.filter(({ path }) => !publicRoutes.has(path));
/** Names of digests, sets of registrations and filters are everybody's own. */
const isOfOne = (path: string) => path.includes(':') && !/^\/(registrations|digests|filters)/.test(path);

test('the table of scopes names every route that changes something, and no route that is not there', () => {
  const known = new Set(table.map(({ method, path }) => `${method} ${path}`));
  assert.deepEqual(
    Object.keys(routeScopes).filter((route) => !known.has(route)),
    [],
  );
  const changing = guarded.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(
    changing.filter((route) => !(route in routeScopes)),
    [],
  );
  assert.deepEqual(Object.keys(routeScopes), Object.keys(routeScopes).sort());
});

test('a bearer does what its role and its scopes allow together, and is told which scope it lacks', async () => {
  for (const { method, path } of guarded)
    for (const { bearer, role, scopes } of members) {
      const what = `${role} with ${scopes}: ${method} ${path}`;
      const needed = scopeOf(method, path);
      const can = rightsOf({ role, scopes: [...scopes], is_admin: false });
      // Nothing is changed by a body that is not JSON; what has no body is asked for only by those who may not.
      const refused = !can.includes(needed);
      if (!refused && (method === 'DELETE' || path === '/token/rotate' || path.endsWith('/rotate'))) continue;
      if (!refused && /^\/(events|mcp|backup)/.test(path)) continue;
      const body = method === 'POST' || method === 'PUT' ? { body: '{' } : {};
      const { status, json, text } = await http(method, addressOf(method, path), { bearer, ...body });
      if (refused) assert.deepEqual([status, json?.code], [403, 'scope_missing'], `${what}: ${text}`);
      else assert.notEqual(json?.code, 'scope_missing', what);
      assert.notEqual(status, 401, what);
      if (path.startsWith('/admin/')) assert.ok(status >= 400, what);
    }
});

test('what is another team’s is not there, for every route, role and scope', async () => {
  for (const { method, path } of guarded.filter((route) => isOfOne(route.path) && !route.path.startsWith('/admin/')))
    for (const { bearer, role, scopes } of stranger) {
      const what = `${role} with ${scopes}: ${method} ${path}`;
      const body = bodies[`${method} ${path}`];
      const { status, json, text } = await http(method, addressOf(method, path), {
        bearer,
        ...(body === undefined ? {} : { body }),
      });
      const can = rightsOf({ role, scopes: [...scopes], is_admin: false });
      if (!can.includes(scopeOf(method, path))) assert.deepEqual([status, json?.code], [403, 'scope_missing'], what);
      else assert.equal(status, 404, `${what}: ${text}`);
      assert.ok(!text.includes('report.json') && !text.includes('not defined'), what);
    }
});

test('filters of a team are its own, and changed by who may write; those of a person are that person’s', async () => {
  const writer = members.find(({ role }) => role === 'owner')?.bearer ?? '';
  const other = stranger.find(({ role, scopes }) => role === 'owner' && scopes.includes('write'))?.bearer ?? '';
  const viewer = members.find(({ role, scopes }) => role === 'viewer' && scopes.includes('read'))?.bearer ?? '';
  assert.ok(writer && other && viewer);
  const put = (bearer: string, of: string) =>
    http('PUT', '/filters/mine', { bearer, body: { of, filter: { tool: 'x' } } });
  assert.equal((await put(viewer, 'team')).status, 403);
  assert.equal((await put(viewer, 'me')).status, 200);
  assert.equal((await put(writer, 'team')).status, 200);
  const names = async (bearer: string) =>
    (await http.get('/filters', { bearer })).json.filters.map((one: Json) => one.of);
  assert.deepEqual(await names(viewer), ['me', 'team']);
  assert.deepEqual(await names(other), []);
  for (const whose of ['me', 'team'])
    assert.equal((await http('DELETE', `/filters/mine?of=${whose}`, { bearer: other })).status, 404);
});

test('lists, the status and the history of one team hold nothing of another one', async () => {
  const lists = [
    '/projects',
    '/jobs',
    '/findings',
    '/schedules',
    '/patches',
    '/status',
    '/summary',
    '/inbox',
    '/teams',
    '/events',
    '/diff?from=0',
  ];
  for (const { bearer } of stranger.filter(({ scopes }) => scopes.includes('read')))
    for (const path of lists) {
      const { status, text } = await http.get(path, { bearer });
      assert.equal(status, 200, path);
      assert.ok(!text.includes('shop') && !text.includes('payments'), `${path}: ${text.slice(0, 300)}`);
    }
});

test('a tool of MCP may do what its bearer may, and says what that lacks', async () => {
  const call = async (bearer: string, name: string, args: Json) => {
    const headers = { accept: 'application/json, text/event-stream' };
    const params = { name, arguments: args };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    return (await http.post('/mcp', body, { bearer, headers })).text;
  };
  const viewer = members.find(({ role, scopes }) => role === 'viewer' && scopes.length === 4)?.bearer ?? '';
  const run = { project: 'shop' };
  assert.match(await call(viewer, 'crafting_table_run_test', run), /needs the scope run/);
  assert.match(await call(viewer, 'crafting_table_list_projects', {}), /shop/);
  const other = stranger.find(({ role, scopes }) => role === 'owner' && scopes.length === 4)?.bearer ?? '';
  assert.match(await call(other, 'crafting_table_run_test', run), /There is no project shop/);
});

test('a bearer that is narrowed to projects sees and makes no others of its team', async () => {
  const owner = members.find(({ role, scopes }) => role === 'owner' && scopes.length === 4)?.bearer ?? '';
  await register(farm, 'other', { bearer: owner });
  const made = await http.post(
    '/teams/payments/tokens',
    { name: 'payments.narrow', role: 'owner', scopes: [...tokenScopes], projects: ['other'] },
    { bearer: owner },
  );
  assert.equal(made.status, 201, made.text);
  const bearer = made.json.bearer as string;
  for (const [path, field, count] of [
    ['/projects', 'projects', 1],
    ['/jobs', 'jobs', 0],
    ['/findings', 'findings', 0],
    ['/schedules', 'schedules', 0],
  ] as const)
    assert.equal((await http.get(path, { bearer })).json[field].length, count, path);
  for (const path of ['/projects/shop', `/jobs/${ids.job}`, `/findings/${ids.finding}`, '/projects/shop/trends'])
    assert.equal((await http.get(path, { bearer })).status, 404, path);
  assert.ok(!(await http.get('/events', { bearer })).text.includes('"shop"'));
  for (const [method, path, body] of [
    ['POST', '/projects', { name: 'third', git_url: 'https://x.example/y.git' }],
    ['GET', '/status', undefined],
    ['POST', '/teams/payments/tokens', { name: 'payments.more' }],
    ['DELETE', '/teams/payments/tokens/payments.viewer-0', undefined],
  ] as const) {
    const answer = await http(method, path, { bearer, ...(body ? { body } : {}) });
    assert.deepEqual([answer.status, answer.json.code], [403, 'project_not_in_scope'], path);
  }
  assert.equal((await http.get('/projects/other', { bearer })).status, 200);
});

test('a bearer ends at its time, is renewed, and gives nothing that it has not', async () => {
  const owner = members.find(({ role, scopes }) => role === 'owner' && scopes.length === 4)?.bearer ?? '';
  const late = await http.post(
    '/teams/payments/tokens',
    { name: 'payments.late', expires_at: '2020-01-01' },
    { bearer: owner },
  );
  assert.equal(late.status, 400, late.text);
  const soon = new Date(Date.now() + 1_500).toISOString();
  const short = await http.post(
    '/teams/payments/tokens',
    { name: 'payments.short', expires_at: soon },
    { bearer: owner },
  );
  assert.equal(short.json.token.role, 'viewer', short.text);
  const first = short.json.bearer as string;
  const ends = async () => (await http.get('/projects', { bearer: first })).status === 401;
  for (let asked = 0; !(await ends()); asked += 1) assert.ok(asked < 2_000);
  const renewed = await http.post(
    '/teams/payments/tokens/payments.short/rotate',
    { expires_at: null },
    { bearer: owner },
  );
  assert.equal(renewed.status, 201, renewed.text);
  const second = renewed.json.bearer as string;
  assert.equal((await http.get('/projects', { bearer: second })).status, 200);
  const own = await http.post('/token/rotate', undefined, { bearer: second });
  assert.equal(own.status, 201, own.text);
  assert.equal((await http.get('/projects', { bearer: second })).status, 401);
  const { token, can } = (await http.get('/token', { bearer: own.json.bearer })).json;
  assert.deepEqual([token.name, token.team, can], ['payments.short', 'payments', ['read']]);

  const part =
    members.find(({ role, scopes }) => role === 'owner' && scopes.length === 1 && scopes[0] === 'admin')?.bearer ?? '';
  const more = await http.post(
    '/teams/payments/tokens',
    { name: 'payments.more', scopes: ['write'] },
    { bearer: part },
  );
  assert.deepEqual([more.status, more.json.code], [403, 'scope_missing']);
  const foreign = await http.post('/teams/payments/tokens', { name: 'orders.spy' }, { bearer: owner });
  assert.equal(foreign.status, 400);
});

test('owners of a team see who did what to what is theirs, in sentences, and nobody else does', async () => {
  const as = (team: readonly Member[], role: TeamRole) =>
    team.find((one) => one.role === role && one.scopes.length === 4)?.bearer ?? '';
  const path = '/audit?project=shop';
  const { entries } = (await http.get(path, { bearer: as(members, 'owner') })).json;
  assert.ok(
    entries.some(
      (one: Json) => one.by === 'payments.maintainer-0' && one.what === 'The project shop was registered for payments.',
    ),
  );
  assert.ok(entries.some((one: Json) => one.event === 'JobEnqueued'));
  const tokens = (await http.get('/audit?by=admin', { bearer: as(members, 'owner') })).json.entries;
  assert.ok(
    tokens.every((one: Json) => one.team === 'payments'),
    JSON.stringify(tokens.slice(0, 3)),
  );
  assert.deepEqual((await http.get(path, { bearer: as(stranger, 'owner') })).json.entries, []);
  assert.equal((await http.get(path, { bearer: as(members, 'maintainer') })).status, 403);
});

test('a renamed project keeps what is its own, answers to each of its names, and goes on with what runs', async () => {
  const bearer = members.find(({ role, scopes }) => role === 'owner' && scopes.length === 4)?.bearer ?? '';
  const as = { bearer };
  const found = await http.get('/findings?project=shop', as);
  await http('PUT', '/projects/shop/secrets/NPM_TOKEN', { body: { value: 'kept' }, ...as });
  await http('PUT', '/filters/ours', { body: { of: 'me', filter: { project: 'shop' } }, ...as });
  const narrowed = await http.mint('payments.one', { team: 'payments', projects: ['shop'], scopes: ['read'] });
  const [running, renamed] = await Promise.all([
    enqueue(farm, 'shop', { recipe: 'lint' }, as),
    http.post('/projects/shop/rename', { to: 'store' }, as),
  ]);
  assert.deepEqual([renamed.status, renamed.json.name, renamed.json.earlier_names], [200, 'store', ['shop']]);
  assert.equal((await http.ended(running.job_id)).project, 'store');
  for (const name of ['store', 'shop']) {
    const { project } = (await http.get(`/projects/${name}`, as)).json;
    assert.deepEqual([project.name, project.earlier_names], ['store', ['shop']]);
    const { findings } = (await http.get(`/findings?project=${name}`, as)).json;
    assert.deepEqual(
      findings.map((one: Json) => [one.id, one.project, one.state]),
      found.json.findings.map((one: Json) => [one.id, 'store', one.state]),
    );
    assert.ok((await http.get(`/jobs?project=${name}`, as)).json.jobs.length >= 2);
    assert.equal((await http.get(`/schedules?project=${name}`, as)).json.schedules[0].project, 'store');
    assert.equal((await http.get(`/projects/${name}/secrets`, as)).json.secrets[0].name, 'NPM_TOKEN');
    assert.equal((await http.get(`/projects/${name}`, { bearer: narrowed })).status, 200);
    assert.equal((await http.post('/projects', { name, git_url: 'https://git.example.org/x/y.git' }, as)).status, 409);
    const text = (await http('GET', `/events?project=${name}&events=ProjectRenamed`, as)).text;
    assert.match(text, /"from":"shop","to":"store"/);
  }
  assert.deepEqual((await http.get('/filters', as)).json.filters[0].filter, { project: 'store' });
  assert.deepEqual((await http.get('/token', { bearer: narrowed })).json.token.projects, ['store']);
  assert.ok((await http.get('/summary', as)).json.projects.some((one: Json) => one.name === 'store'));
  const { project: shown } = (await http.get('/projects/store', as)).json;
  assert.equal((await http('PUT', '/projects/store', { body: shown, ...as })).json.project.name, 'store');
  const other = await http('PATCH', '/projects/store', { body: { name: 'mall' }, ...as });
  assert.match(`${other.status} ${other.json.detail}`, /^400 .*POST \/projects\/store\/rename/);
  // A set of documents that says the earlier name brings the same project, and none that it has left out.
  const start = { mode: 'reconcile', creating: ['store'] };
  const set = (projects: string[]) => http.post('/registrations/all/start', { ...start, projects }, as);
  assert.deepEqual([(await set(['shop'])).json.managed, (await set(['store'])).json.managed], [['shop'], ['store']]);
  assert.equal((await http.post('/projects/store/rename', { to: 'store' }, as)).json.code, 'same_name');
  const back = await http.post('/projects/store/rename', { to: 'shop' }, as);
  assert.deepEqual([back.json.name, back.json.earlier_names], ['shop', ['store']]);
  assert.equal((await http.get('/projects/store', as)).json.project.name, 'shop');
});

test('a project goes to another team when that takes it, with its jobs and findings, and not before', async () => {
  const as = (team: readonly Member[], role: TeamRole) =>
    team.find((one) => one.role === role && one.scopes.length === 4)?.bearer ?? '';
  const [from, to] = [as(members, 'owner'), as(stranger, 'owner')];
  const take = () => http.post('/projects/shop/hand-over/accept', undefined, { bearer: to });
  assert.equal((await take()).status, 404);
  const offered = await http.post('/projects/shop/hand-over', { to: 'orders' }, { bearer: from });
  assert.deepEqual([offered.status, offered.json.owner, offered.json.offered_to], [200, 'payments', 'orders']);
  assert.equal((await http.get('/projects/shop', { bearer: to })).status, 404);
  const { offers } = (await http.get('/teams/orders', { bearer: to })).json.team;
  assert.deepEqual([offers[0].project, offers[0].from], ['shop', 'payments']);
  assert.equal(
    (await http.post('/projects/shop/hand-over/accept', undefined, { bearer: as(stranger, 'maintainer') })).status,
    403,
  );
  assert.equal((await http('DELETE', '/projects/shop/hand-over', { bearer: from })).status, 200);
  assert.equal((await take()).status, 404);
  await http.post('/projects/shop/hand-over', { to: 'orders' }, { bearer: from });
  const taken = await take();
  assert.deepEqual([taken.status, taken.json.owner], [200, 'orders'], taken.text);
  for (const path of ['/projects/shop', `/jobs/${ids.job}`, `/findings/${ids.finding}`]) {
    assert.equal((await http.get(path, { bearer: from })).status, 404, path);
    assert.equal((await http.get(path, { bearer: to })).status, 200, path);
  }
  assert.equal((await http.get('/schedules', { bearer: to })).json.schedules.length, 1);
  // One of them ran while the project was renamed.
  assert.equal((await http.get('/jobs', { bearer: to })).json.jobs.length, 2);
});
