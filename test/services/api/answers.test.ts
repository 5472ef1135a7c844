import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { openFarm } from '../../support/farm.ts';
import { makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { openReceiver } from '../../support/webhook-receiver.ts';
import { writeExamples } from './recorded-examples.ts';
import { enqueue, eslintReport, register } from './registered.ts';
import { routeTable } from './route-table.ts';

const webhookSecret = 'a-webhook-secret';
const farm = await openFarm({
  env: {
    CRAFTING_PATCHER_FORGE: 'none',
    CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8',
    CRAFTING_FORGE_WEBHOOK_SECRET: webhookSecret,
  },
  files: { 'report.json': eslintReport('a.js', "'x' is not defined"), 'a.js': 'x();\n' },
});
after(() => farm.close());
const { http } = farm;
const script = '{"scripts":{"test":"node --test"}}';
const dir = mkdtempSync(join(tmpdir(), 'ct-answers-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const detectable = makeRepository(join(dir, 'found'), { 'package.json': script, 'examples/a/package.json': script });
const table = routeTable();
const visited = new Set<string>();
/** The first answer of each route. `CRAFTING_RECORD_EXAMPLES=1` puts them into the documentation. */
const answered: Record<string, Json> = {};
after(() => {
  if (process.env['CRAFTING_RECORD_EXAMPLES'] === '1') writeExamples(answered);
});

/** Asks by the path of the route table, and holds the answer against the route's own schema. */
async function ask(method: string, path: string, { of = {}, body, query = '' }: Json = {}): Promise<Json> {
  const route = table.find((one) => one.method === method && one.path === path);
  assert.ok(route, `${method} ${path} is not a route`);
  const address = path.replace(/:(\w+)/g, (_all, name: string) => of[name]);
  const answer = await http(method, `${address}${query}`, body === undefined ? {} : { body });
  visited.add(`${method} ${path}`);
  if (!route.success) {
    assert.equal(answer.status, 200, answer.text);
    return answer.json ?? answer.text;
  }
  const [status, schema] = route.success;
  assert.equal(answer.status, status, answer.text);
  const [fault] = [...TypeCompiler.Compile(schema).Errors(answer.json)];
  assert.equal(fault, undefined, `${method} ${path} ${fault?.path}: ${fault?.message}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/(sarif\+)?json/);
  if (method === 'GET') assert.match(answer.headers.get('x-crafting-seq') ?? '', /^\d+$/);
  answered[`${method} ${path}`] ??= answer.json;
  return answer.json;
}

const name = 'web';
let jobId = '';

before(async () => {
  await register(farm, name, { commands: { lint: 'cat report.json; exit 1', test: 'true' } });
  jobId = (await enqueue(farm, name, { recipe: 'lint' })).job_id;
  await http.ended(jobId);
});

test('tokens are minted, listed and revoked as the schemas say', async () => {
  const { bearer, token } = await ask('POST', '/admin/tokens', { body: { name: 'one', ip_cidrs: ['127.0.0.0/8'] } });
  assert.deepEqual([token.name, token.is_admin, token.ip_cidrs], ['one', false, ['127.0.0.0/8']]);
  const { tokens } = await ask('GET', '/admin/tokens');
  assert.deepEqual(
    tokens.map((one: Json) => one.name),
    ['admin', 'one'],
  );
  assert.ok(!JSON.stringify(tokens).includes(bearer));
  const gone = await ask('DELETE', '/admin/tokens/:name', { of: { name: 'one' } });
  assert.ok(gone.token.revoked_at);
});

test('budgets and usage answer as the schemas say', async () => {
  const { budget } = await ask('POST', '/budgets', { body: { level: 'project', of: name, tokens: 5_000 } });
  assert.deepEqual([budget.limit, budget.used, budget.per], [5_000, 0, 'day']);
  const changed = await ask('PUT', '/budgets', { body: { level: 'project', of: name, tokens: 7_000 } });
  assert.equal(changed.budget.limit, 7_000);
  assert.equal((await ask('GET', '/budgets')).budgets.length, 1);
  assert.equal((await ask('PUT', '/budgets', { body: { level: 'project', of: name, tokens: null } })).budget, null);
  const { total, usage } = await ask('GET', '/usage', { query: '?by=day' });
  assert.deepEqual([total.tokens, usage], [0, []]);
});

test('recipe sources are named, shown, compared, decided on and removed as the schemas say', async () => {
  const body = { name: 'sets', git_url: join(dir, 'sets'), farm: true };
  makeRepository(join(dir, 'sets'), {
    'recipes/unit.json': JSON.stringify({ subprojects: [{ path: '.', language: 'shell', test: 'true' }] }),
  });
  await ask('POST', '/recipe-sources', { body });
  const of = { owner: 'farm', name: 'sets' };
  const path = '/recipe-sources/:owner/:name';
  await until(async () => (await ask('GET', path, { of })).source.production !== null);
  const { git_url } = body;
  await ask('PUT', path, { of, body: { git_url, poll: 60 } });
  const uses = { recipes: 'sources', recipe_sources: [{ source: 'farm/sets', document: 'unit' }] };
  await ask('POST', '/projects', { body: { name: 'using', git_url, ...uses } });
  assert.equal((await ask('GET', `${path}/diff`, { of })).projects[0].project, 'using');
  for (const step of ['hold', 'release', 'rollout'])
    await ask('POST', `${path}/${step}`, { of, body: { reason: 'as the schemas say' } });
  const refused = await http.post('/recipe-sources/farm/sets/rollback', {});
  assert.deepEqual([refused.status, refused.json.code], [409, 'no_earlier_version']);
  visited.add(`POST ${path}/rollback`);
  assert.equal((await ask('GET', '/recipe-sources')).sources[0].id, 'farm/sets');
  assert.equal((await http('DELETE', '/recipe-sources/farm/sets')).json.code, 'source_used');
  await ask('DELETE', '/projects/:name', { of: { name: 'using' } });
  await ask('DELETE', path, { of });
});

test('what a repository would be as a project answers as the schemas say', async () => {
  const { document, off, complete } = await ask('POST', '/detect', { body: { git_url: detectable } });
  assert.equal(document.subprojects[0].found_in.test, 'package.json: test');
  assert.deepEqual(document.subprojects[1].enabled, false);
  assert.deepEqual([off[0].path, complete], ['examples/a', true]);
  const { project } = await ask('POST', '/projects', { body: { ...document, name: 'found' } });
  assert.equal(project.subprojects[1].enabled, false);
  const { jobs } = await ask('POST', '/projects/:name/jobs', { of: { name: 'found' }, body: { recipe: 'test' } });
  assert.deepEqual(
    jobs.map((one: Json) => one.subproject),
    ['.'],
  );
  await ask('DELETE', '/projects/:name', { of: { name: 'found' } });
});

test('projects are registered, listed, shown, replaced and removed as the schemas say', async () => {
  const body = { name: 'brief', git_url: farm.repository, notify: { email: ['a@example.org'] } };
  const { project } = await ask('POST', '/projects', { body });
  assert.deepEqual(project.notify, {
    email: ['a@example.org'],
    on: ['audit_fail', 'cve_found', 'patch_drafted'],
    auto_patch: false,
  });
  const { projects } = await ask('GET', '/projects');
  assert.deepEqual(
    projects.map((one: Json) => one.name),
    ['brief', name],
  );
  assert.deepEqual((await ask('GET', '/projects/:name', { of: body })).project, project);
  const changed = await ask('PUT', '/projects/:name', { of: body, body: { ...project, default_branch: 'next' } });
  assert.equal(changed.project.default_branch, 'next');
  assert.deepEqual(changed.project.notify.email, ['a@example.org']);
  const patched = await ask('PATCH', '/projects/:name', { of: body, body: { default_branch: null } });
  assert.equal(patched.project.default_branch, project.default_branch);
  await ask('DELETE', '/projects/:name', { of: body });
});

test('jobs are enqueued, listed, shown, cancelled and run again as the schemas say', async () => {
  const { job_id, status } = await ask('POST', '/projects/:name/jobs', { of: { name }, body: { recipe: 'test' } });
  assert.equal(status, 'queued');
  await http.ended(job_id);
  const { jobs } = await ask('GET', '/jobs', { query: `?project=${name}&status=succeeded&limit=1` });
  assert.equal(jobs[0].job_id, job_id);
  const { job } = await ask('GET', '/jobs/:id', { of: { id: job_id } });
  assert.equal(job.recipe_snapshot_json, JSON.stringify(job.recipe_snapshot));
  const rerun = await ask('POST', '/jobs/:id/rerun', { of: { id: job_id } });
  await http.ended(rerun.job_id);
  await register(farm, 'slow', { commands: { test: 'sleep 30' } });
  const slow = await enqueue(farm, 'slow', { recipe: 'test' });
  const cancelled = await ask('POST', '/jobs/:id/cancel', { of: { id: slow.job_id } });
  assert.equal(cancelled.job.cancel_requested_by, 'admin');
  assert.equal((await http.ended(slow.job_id)).status, 'cancelled');
});

test('a log is given as text', async () => {
  assert.match(JSON.stringify(await ask('GET', '/jobs/:id/log', { of: { id: jobId } })), /no-undef/);
});

test('findings are listed, shown and suppressed as the schemas say', async () => {
  const { findings } = await ask('GET', '/jobs/:id/findings', { of: { id: jobId } });
  assert.equal(findings[0].message, "'x' is not defined");
  const id = findings[0].id;
  assert.equal((await ask('GET', '/findings')).findings[0].id, id);
  const suppressed = await ask('POST', '/findings/:id/suppress', { of: { id }, body: { reason: 'known' } });
  assert.equal(suppressed.finding.state, 'suppressed');
  assert.equal((await ask('POST', '/findings/:id/unsuppress', { of: { id } })).finding.state, 'open');
  const { history } = await ask('GET', '/findings/:id', { of: { id } });
  assert.deepEqual(
    history.map((one: Json) => one.type),
    ['FindingDetected', 'FindingSuppressed', 'FindingUnsuppressed'],
  );
  const assigned = await ask('POST', '/findings/:id/assign', { of: { id }, body: { assignee: 'ann' } });
  assert.equal(assigned.finding.assignment.to, 'ann');
  const { facets, total } = await ask('GET', '/findings', { query: '?assignee=ann&facets=severity,rule,new' });
  assert.deepEqual([total, facets.rule], [1, [{ value: 'no-undef', count: 1 }]]);
  const { batch } = await ask('POST', '/findings/bulk', { body: { action: 'suppress', reason: 'x', ids: [id] } });
  await ask('POST', '/findings/bulk/:batch/undo', { of: { batch } });
  assert.deepEqual((await ask('GET', '/findings/:id/source', { of: { id } })).lines, ['x();']);
  assert.deepEqual(
    (await ask('GET', '/findings/:id/owners', { of: { id } })).authors.map((one: Json) => one.wrote_line),
    [true],
  );
  await ask('GET', '/projects/:name/source', { of: { name }, query: '?path=report.json' });
  await ask('GET', '/projects/:name/owners', { of: { name }, query: '?path=report.json' });
  await ask('GET', '/jobs/:id/findings.sarif', { of: { id: jobId } });
  const diff = await ask('GET', '/projects/:name/findings/diff', { of: { name }, query: '?from=0' });
  assert.deepEqual(
    diff.appeared.map((one: Json) => one.id),
    [id],
  );
});

test('what is known of a whole project answers as the schemas say', async () => {
  const sarif = await ask('GET', '/projects/:name/findings.sarif', { of: { name } });
  assert.equal(sarif.runs[0].results[0].ruleId, 'no-undef');
  const { days } = await ask('GET', '/projects/:name/trends', { of: { name }, query: '?days=2' });
  assert.equal(days.length, 2);
  await ask('GET', '/projects/:name/tests', { of: { name } });
  const { roles } = await ask('GET', '/projects/:name/roles', { of: { name }, query: '?path=report.json' });
  assert.equal(roles[0].path, 'report.json');
  const preview = await ask('POST', '/projects/:name/reparse', { of: { name }, body: { dry_run: true } });
  assert.ok(preview.jobs.some((one: Json) => one.job_id === jobId));
});

test('what a job measured answers as the schemas say', async () => {
  const info = 'TN:\\nSF:src/a.js\\nDA:1,1\\nDA:2,0\\nend_of_record\\n';
  const junit = '<testsuite name="s"><testcase classname="c" name="t" time="1"/></testsuite>';
  await register(farm, 'measured', {
    subprojects: [
      {
        path: '.',
        language: 'shell',
        test: `printf '${info}' > lcov.info; printf '%s' '${junit}' > TEST-a.xml`,
        reports: ['*.xml'],
        coverage: ['*.info'],
      },
    ],
  });
  const { job_id } = await enqueue(farm, 'measured', { recipe: 'test' });
  await http.ended(job_id);
  const of = { id: job_id };
  assert.equal((await ask('GET', '/jobs/:id/coverage', { of })).coverage.percent, 50);
  assert.equal((await ask('GET', '/jobs/:id/tests', { of })).tests.slowest[0].duration_ms, 1000);
  const { total, recipes } = await ask('GET', '/projects/:name/coverage', { of: { name: 'measured' } });
  assert.deepEqual([total.percent, recipes[0].runs.length, recipes[0].test_runs.length], [50, 1, 1]);
});

test('schedules are listed, switched off and on, and run as the schemas say', async () => {
  await register(farm, 'timed', {
    commands: { audit: 'true' },
    schedule: { audit: '02:00', timezone: 'Europe/Berlin' },
  });
  const of = { project: 'timed', recipe: 'audit' };
  const { schedules } = await ask('GET', '/schedules', { query: '?project=timed' });
  assert.deepEqual([schedules.length, schedules[0].enabled, schedules[0].next_runs.length], [1, true, 3]);
  assert.equal((await ask('POST', '/schedules/:project/:recipe/disable', { of })).schedule.enabled, false);
  assert.equal((await ask('POST', '/schedules/:project/:recipe/enable', { of })).schedule.enabled, true);
  const { job_id } = await ask('POST', '/schedules/:project/:recipe/run', { of });
  await until(async () => (await http.get(`/jobs/${job_id}`)).status === 200);
  assert.equal((await http.ended(job_id)).purpose, 'scheduled');
});

test('events, health, metrics and a rebuild answer as the schemas say', async () => {
  await ask('GET', '/events');
  assert.equal((await ask('GET', '/healthz')).status, 'ok');
  assert.equal((await ask('GET', '/readyz')).status, 'ready');
  assert.match(await ask('GET', '/metrics'), /crafting_http_requests_total\{/);
  const { admin, slots, consumers } = await ask('GET', '/status');
  assert.deepEqual([admin, slots.all > 0, consumers.length > 0], [true, true, true]);
  assert.equal((await ask('POST', '/admin/rebuild')).equal, true);
  const { switched, differs } = await ask('POST', '/admin/rebuild', { body: { verify: true } });
  assert.deepEqual([switched, differs], [true, []]);
  const { rebuilding, last } = await ask('GET', '/admin/rebuild');
  assert.deepEqual([rebuilding, last.equal], [null, true]);
});

test('the frame around many registrations is as the schemas say', async () => {
  const of = { set: 'recipes' };
  const names = { projects: ['a'], creating: ['a'] };
  const { managed } = await ask('POST', '/registrations/:set/start', { of, body: { mode: 'merge', ...names } });
  assert.deepEqual(managed, ['a']);
  const nothing = { updated: [], unchanged: [], removed: [], skipped: [], failed: [] };
  const report = { mode: 'merge', created: ['a'], ...nothing };
  assert.deepEqual((await ask('POST', '/registrations/:set/complete', { of, body: report })).report, report);
});

test('agents are shown, and bottles asked for and shown, as the schemas say', async () => {
  const { agents } = await ask('GET', '/projects/:name/agents', { of: { name } });
  assert.deepEqual(
    agents.map(({ manifest }: Json) => manifest.name),
    ['claude', 'codex'],
  );
  const { digest } = await ask('GET', '/projects/:name/agents/:agent', { of: { name, agent: 'claude' } });
  assert.equal(digest, agents[0].digest);
  const { bottle } = await ask('POST', '/bottles', {
    body: { project: name, agent: 'claude', prompt: 'Look around.' },
  });
  // Nothing here shuts an agent in, or has the program: it is stopped before that is noticed.
  const stopped = await ask('POST', '/bottles/:id/stop', { of: { id: bottle.id }, body: { reason: 'not needed' } });
  assert.equal(stopped.policy, null);
  const shown = await ask('GET', '/bottles/:id', { of: { id: bottle.id } });
  assert.deepEqual(shown.calls, []);
  assert.equal((await ask('GET', '/bottles', { query: `?project=${name}` })).bottles[0].id, bottle.id);
  const left = await http.get(`/bottles/${bottle.id}/diff`);
  assert.ok(left.status === 404 || left.json.diff === null);
  visited.add('GET /bottles/:id/diff');
  const { chain } = await ask('GET', '/bottles/:id/explain', { of: { id: bottle.id } });
  assert.ok(chain.some(({ type }: Json) => type === 'AgentRunStopRequested'));
  const { stop, spent } = (await http.get(`/bottles/${bottle.id}`)).json.bottle;
  assert.deepEqual([stop.policy, stop.why, stop.detail, stop.by], [null, 'asked', 'not needed', 'admin']);
  assert.deepEqual([spent.calls, spent.usd], [0, 0]);
});

test('patches are asked for, listed, shown and lifted as the schemas say', async () => {
  const { attempt, reason } = await ask('POST', '/jobs/:id/patches', { of: { id: jobId }, body: {} });
  assert.equal(attempt, null);
  assert.match(reason, /proposals/);
  const { waiting } = await ask('GET', '/projects/:name/proposals', { of: { name } });
  assert.deepEqual([waiting[0].actionable, waiting[0].reason], [false, 'no_method']);
  assert.match(waiting[0].detail, /CRAFTING_CLAWDFORGE_URL/);
  assert.deepEqual((await ask('GET', '/patches')).patches, []);
  const id = await beginPatch();
  const shown = await ask('GET', '/patches/:id', { of: { id } });
  assert.equal(shown.attempt.status, 'declined');
  assert.equal((await ask('GET', '/patches', { query: '?status=declined' })).patches[0].id, id);
  // It is no JSON document; a proof that was stated is looked at where one is made.
  assert.equal((await http.get(`/patches/${id}/statement`)).status, 404);
  visited.add('GET /patches/:id/statement');
  const lifted = await ask('POST', '/patches/:id/reconsider', { of: { id }, body: { reason: 'another try' } });
  assert.equal(lifted.attempt.reconsidered.by, 'admin');
});

test('work on an issue is listed, shown and stopped as the schemas say', async () => {
  const id = `${name}-17`;
  const data = {
    ...{ work_id: id, project: name, owner: 'admin', forge: 'gitea' as const, repository: 'acme/app', issue: 17 },
    ...{ issue_url: 'http://forge.example/17', title: 'Totals', agent: 'implementer', verb: 'fix' as const },
    ...{ trigger: 'label' as const, by: 'ann', because: 'ann is a member', comment_id: null },
    ...{ budget_tokens: 200_000, instructions: null },
  };
  await farm.store.log.append({ type: 'IssueTargeted', id, data }, { expect: 0 });
  await until(async () => (await http.get(`/work/${id}`)).status === 200);
  assert.equal((await ask('GET', '/work', { query: '?live=true' })).works[0].id, id);
  assert.equal((await ask('GET', '/work/:id', { of: { id } })).work.budget_tokens, 200_000);
  const { work } = await ask('POST', '/work/:id/stop', { of: { id }, body: { reason: 'not now' } });
  assert.deepEqual([work.state, work.outcome, work.detail], ['ended', 'stopped', 'admin stopped it: not now.']);
  const { chain } = await ask('GET', '/work/:id/explain', { of: { id } });
  assert.deepEqual(
    chain.map(({ type }: Json) => type),
    ['IssueTargeted', 'WorkEnded'],
  );
  // Without agents nothing begins; what begins is looked at where there is a forge.
  for (const path of [`/work/${id}/resume`, `/projects/${name}/work`]) {
    const refused = await http.post(path, path.endsWith('resume') ? { instructions: 'go on' } : { issue: 17 });
    assert.deepEqual([refused.status, refused.json.code], [409, 'no_agent']);
  }
  visited.add('POST /work/:id/resume');
  visited.add('POST /projects/:name/work');
});

test('the patch loop is paused, an attempt that waits is stopped, and it goes on, as the schemas say', async () => {
  await ask('POST', '/admin/patching/pause', { body: {} });
  await ask('GET', '/admin/patching');
  const id = await beginPatch(2);
  const { attempt } = await ask('POST', '/patches/:id/stop', { of: { id }, body: { reason: 'not now' } });
  assert.equal(attempt.id, id);
  await ask('POST', '/admin/patching/resume', { body: {} });
});

test('a proven diff is approved, and another one declined, before they are pushed, as the schemas say', async () => {
  await ask('POST', '/admin/patching/pause', { body: {} });
  for (const [number, route, status] of [
    [3, 'POST /patches/:id/approve', 'awaiting_approval'],
    [4, 'POST /patches/:id/decline', 'not_approved'],
  ] as const) {
    const id = await beginPatch(number);
    const digest = 'a'.repeat(64);
    const about = { patch_id: id, project: name, digest, drafted_seq: 0, title: 'Fix it' };
    const asked = { ...about, expires_at: new Date(Date.now() + 3_600_000).toISOString() };
    await farm.store.log.append({ type: 'PatchApprovalRequested', id, data: asked }, { expect: 0 });
    await until(async () => (await http.get(`/patches/${id}`)).json.attempt.status === 'awaiting_approval');
    const [method, path] = route.split(' ') as ['POST', string];
    const { attempt } = await ask(method, path, { of: { id }, body: { digest, reason: 'as it should be' } });
    assert.equal(attempt.status, status);
    if (status === 'awaiting_approval') await http.post(`/patches/${id}/stop`, {});
  }
  await ask('POST', '/admin/patching/resume', { body: {} });
});

test('a diff that somebody brings is judged as the schema says', async () => {
  const [finding] = (await http.get(`/jobs/${jobId}/findings`)).json.findings;
  const body = { diff: '--- a/nowhere\n+++ b/nowhere\n@@ -1 +1 @@\n-a\n+b\n', finding_ids: [finding.id] };
  const { attempt } = await ask('POST', '/projects/:name/verify-patch', { of: { name }, body, query: '?wait=300' });
  assert.deepEqual([attempt.status, attempt.failure.reason], ['apply_failed', 'does_not_apply']);
});

/** An attempt that no method can carry out, as a farm with an agent would have begun it. */
async function beginPatch(number = 1): Promise<string> {
  const [finding] = (await http.get(`/jobs/${jobId}/findings`)).json.findings;
  const id = `${finding.id}-${number}`;
  const { identity } = (await http.get(`/findings/${finding.id}`)).json.finding;
  const { sha } = (await http.get(`/jobs/${jobId}`)).json.job;
  const data = {
    patch_id: id,
    project: name,
    owner: 'admin',
    finding_id: finding.id,
    identity,
    attempt_number: number,
    members: [{ finding_id: finding.id, identity }],
    job_id: jobId,
    subproject: '.',
    recipe: 'lint' as const,
    base: { branch: 'main', sha },
    methods: ['agent' as const],
    by: 'admin',
    branch: `crafting-table/auto/${jobId}-${finding.id}`,
    forge: 'none' as const,
    repository: null,
  };
  await farm.store.log.append({ type: 'PatchRequested', id, data }, { expect: 0 });
  const wanted = number === 1 ? 'declined' : 'requested';
  await until(async () => (await http.get(`/patches/${id}`)).json?.attempt?.status === wanted);
  return id;
}

test('what happened is explained, and compared between two moments, as the schemas say', async () => {
  const [finding] = (await http.get(`/jobs/${jobId}/findings`)).json.findings;
  const { chain } = await ask('GET', '/findings/:id/explain', { of: { id: finding.id } });
  assert.ok(chain.some((one: Json) => one.type === 'FindingDetected' && one.finding_id === finding.id));
  const ofJob = await ask('GET', '/jobs/:id/explain', { of: { id: jobId } });
  assert.deepEqual(ofJob.subject, { entity: 'job', id: jobId });
  const ofPatch = await ask('GET', '/patches/:id/explain', { of: { id: `${finding.id}-1` } });
  assert.equal(ofPatch.chain.at(-1).patch_id, `${finding.id}-1`);
  const { changes } = await ask('GET', '/diff', { query: `?from=0&project=${name}` });
  assert.deepEqual([changes[0].entity, changes[0].change], ['project', 'added']);
});

test('the key that signs is shown, and another one after it was rotated', async () => {
  const { key_id } = await ask('POST', '/admin/signing-key/rotate');
  const { keys } = await ask('GET', '/.well-known/crafting-table-keys.json');
  assert.deepEqual([keys[0].kid, keys[0].active], [key_id, true]);
  assert.equal((await ask('GET', '/schemas/proof-v1.json')).type, 'object');
});

test('what a code of a problem means stands where the problem says', async () => {
  const { problems } = await ask('GET', '/problems');
  const { json } = await http.get('/jobs/none');
  assert.equal(json.type, '/problems/not_found');
  const { problem } = await ask('GET', '/problems/:code', { of: { code: 'version_changed' } });
  assert.deepEqual([problem.status, problems.some(({ code }: Json) => code === 'version_changed')], [412, true]);
  const { enum: codes } = (await ask('GET', '/openapi.json')).components.schemas.Problem.properties.code;
  assert.deepEqual(
    codes,
    problems.map(({ code }: Json) => code),
  );
});

test('the examples of the OpenAPI document were answered by a farm, and fit the schemas of today', async () => {
  const { paths } = await ask('GET', '/openapi.json');
  const shown = table.flatMap(({ method, path, success }) => {
    const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    const example = operation?.responses[success?.[0] ?? 0]?.content?.['application/json']?.example;
    return success && example !== undefined ? [{ route: `${method} ${path}`, schema: success[1], example }] : [];
  });
  // CRAFTING_RECORD_EXAMPLES=1 npm test -- answers records them anew.
  assert.ok(shown.length > 60, `${shown.length} examples`);
  for (const { route, schema, example } of shown) assert.ok(TypeCompiler.Compile(schema).Check(example), route);
  assert.deepEqual(paths['/jobs/{id}'].get.responses[200].content['application/json'].example.ok, true);
});

test('a request that prefers to wait is answered when it is over', async () => {
  const [finding] = (await http.get(`/jobs/${jobId}/findings`)).json.findings;
  const body = { diff: '--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n', finding_ids: [finding.id] };
  const headers = { prefer: 'respond-async, wait=200' };
  const { status, json, headers: answered } = await http.post(`/projects/${name}/verify-patch`, body, { headers });
  assert.deepEqual([status, json.attempt.open], [200, false], JSON.stringify(json));
  assert.equal(answered.get('preference-applied'), 'wait=200');
});

test('jobs are narrowed to a recipe, a subproject and a branch', async () => {
  const recipesOf = async (query: string) =>
    new Set((await http.get(`/jobs?project=${name}&limit=500${query}`)).json.jobs.map(({ recipe }: Json) => recipe));
  assert.deepEqual([...(await recipesOf('&recipe=lint&branch=main&subproject=.'))], ['lint']);
  assert.ok((await recipesOf('&reason=exited&since=2020-01-01&until=2999-01-01')).has('lint'));
  const none = ['&reason=log_limit', '&since=2999-01-01', '&until=2020-01-01T00:00:00%2B02:00'];
  assert.deepEqual(await Promise.all(none.map(async (asked) => (await recipesOf(asked)).size)), [0, 0, 0]);
  const odd = await http.get('/jobs?since=yesterday');
  assert.match(odd.json.detail, /since: expected an ISO 8601 time; found "yesterday"/);
  assert.deepEqual([(await recipesOf('&branch=none')).size, (await recipesOf('&subproject=none')).size], [0, 0]);
});

test('a query is held to what is known, and told what was meant', async () => {
  for (const [address, sentence] of [
    ['/jobs?stats=queued', /\/querystring\/stats: Unexpected parameter; known: .*status.*\(did you mean status\?\)/],
    ['/jobs?status=quened', /\/querystring\/status: Expected some, .*of: queued, .*did you mean queued\?/],
    ['/findings?severity=error,wern', /severity: Expected some, .*of: .*\(did you mean warn\?\); found \\"wern\\"/],
    ['/findings?facets=kinds', /facets: Expected some.*did you mean kind\?/],
    ['/healthz?verbose=1', /Unexpected parameter: there are none here/],
  ] as const) {
    const { status, text } = await http.get(address);
    assert.equal(status, 400, address);
    assert.match(text, sentence);
  }
  assert.equal((await http.get('/findings?severity=error,warn&state=open,resolved')).status, 200);
  assert.equal((await http.get('/jobs?status=running,failed')).status, 200);
});

test('the OpenAPI document names headers, scopes and lists', async () => {
  const { paths } = await ask('GET', '/openapi.json');
  const of = (path: string, method: string) => paths[path][method];
  const names = ({ parameters }: Json, place: string) =>
    parameters.filter((one: Json) => one.in === place).map((one: Json) => one.name);
  assert.ok(names(of('/jobs/{id}/rerun', 'post'), 'header').includes('Idempotency-Key'));
  assert.ok(names(of('/events', 'get'), 'header').some((one: string) => /^last-event-id$/i.test(one)));
  assert.match(of('/jobs/{id}/rerun', 'post').description, /Asks for the scope `run`/);
  assert.ok(of('/jobs', 'get').responses[200].headers['X-Crafting-Seq'].$ref);
  const severity = of('/findings', 'get').parameters.find(({ name: one }: Json) => one === 'severity');
  const sarif = of('/jobs/{id}/findings.sarif', 'get').responses[200].content['application/sarif+json'];
  assert.equal(sarif.schema.type, 'object');
  assert.deepEqual([severity.style, severity.explode, severity.schema.type], ['form', false, 'array']);
});

test('how the MCP endpoint is protected is told where a 401 says', async () => {
  for (const path of ['', '/mcp'] as const) {
    const { resource } = await ask('GET', `/.well-known/oauth-protected-resource${path}`);
    assert.equal(resource, `${farm.url}/mcp`);
  }
  const { headers } = await http.post('/mcp', {}, { bearer: null });
  const at = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1];
  assert.equal(at, `${farm.url}/.well-known/oauth-protected-resource/mcp`);
});

test('the log is held against its checkpoints', async () => {
  assert.equal((await ask('POST', '/admin/audit/verify')).whole, true);
});

test('a backup is given, and what lies outside is compared, as the schemas say', async () => {
  assert.match(await ask('GET', '/admin/backup'), /manifest\.json/);
  const { compared } = await ask('POST', '/admin/compare');
  assert.ok(compared.projects > 0 && compared.work_trees > 0);
});

test('runners are added, listed and removed as the schemas say', async () => {
  const { credentials } = await ask('POST', '/admin/runners', { body: { name: 'far' } });
  assert.match(credentials, /BEGIN USER NKEY SEED/);
  const { runners } = await ask('GET', '/admin/runners');
  assert.deepEqual([runners[0].name, JSON.stringify(runners).includes('SEED')], ['far', false]);
  const { runner } = await ask('DELETE', '/admin/runners/:name', { of: { name: 'far' } });
  assert.equal(runner.name, 'far');
});

test('teams, their bearers and the way of a project to another one are as the schemas say', async () => {
  await ask('POST', '/teams', { body: { team: 'blue', title: 'Blue' } });
  const { bearer } = await ask('POST', '/teams/:team/tokens', { of: { team: 'blue' }, body: { name: 'blue.ci' } });
  const of = { team: 'blue', name: 'blue.ci' };
  await ask('PUT', '/teams/:team/tokens/:name', { of, body: { role: 'owner', scopes: ['read', 'admin'] } });
  assert.equal((await ask('GET', '/teams/:team/tokens', { of })).tokens[0].role, 'owner');
  assert.equal((await ask('GET', '/teams/:team/tokens/:name', { of })).token.role, 'owner');
  await ask('GET', '/teams');
  await ask('GET', '/token');
  await register(farm, 'travels', {});
  await ask('POST', '/projects/:name/hand-over', { of: { name: 'travels' }, body: { to: 'blue' } });
  assert.deepEqual((await ask('GET', '/teams/:team', { of })).team.projects, ['travels']);
  await http.post('/projects/travels/hand-over', { to: 'red' }, { bearer });
  await ask('DELETE', '/projects/:name/hand-over', { of: { name: 'travels' } });
  await http.post('/projects/travels/hand-over', { to: 'admin' }, { bearer });
  await ask('POST', '/projects/:name/hand-over/accept', { of: { name: 'travels' } });
  const named = await ask('POST', '/projects/:name/rename', { of: { name: 'travels' }, body: { to: 'trips' } });
  assert.deepEqual([named.name, named.earlier_names], ['trips', ['travels']]);
  await http('DELETE', '/projects/travels');
  await ask('POST', '/teams/:team/tokens/:name/rotate', { of });
  const own = (await ask('POST', '/admin/tokens/:name/rotate', { of })).bearer;
  visited.add('POST /token/rotate');
  assert.equal((await http.post('/token/rotate', undefined, { bearer: own })).status, 201);
  await ask('DELETE', '/teams/:team/tokens/:name', { of });
  await ask('DELETE', '/teams/:team', { of });
});

test('a browser signs in and out, and is told who it is, as the schemas say', async () => {
  await ask('GET', '/me');
  await ask('GET', '/summary');
  await ask('GET', '/digests');
  await ask('GET', '/projects/:name/matrix', { of: { name } });
  await ask('GET', '/projects/:name/marks', { of: { name } });
  await ask('GET', '/jobs/:id/log/lines', { of: { id: jobId } });
  await ask('GET', '/jobs/:id/log/search', { of: { id: jobId }, query: '?q=no-undef' });
  await ask('GET', '/jobs/:id/compare', { of: { id: jobId }, query: `?with=${jobId}` });
  await ask('GET', '/inbox');
  const { code } = await ask('POST', '/session/codes');
  await ask('POST', '/session', { body: { code } });
  await ask('DELETE', '/session');
});

test('secrets are set, listed and removed as the schemas say, and never shown', async () => {
  for (const [path, of] of [
    ['/projects/:name/secrets', { name }],
    ['/teams/:team/secrets', { team: 'admin' }],
    ['/admin/secrets', {}],
  ] as const) {
    const one = { of: { ...of, secret: 'NPM_TOKEN' } };
    const set = await ask('PUT', `${path}/:secret`, { ...one, body: { value: 'sesame-open-42' } });
    assert.deepEqual([set.secret.name, set.warnings], ['NPM_TOKEN', []]);
    const listed = await ask('GET', path, { of });
    assert.equal(listed.secrets.length, 1);
    assert.ok(!JSON.stringify([set, listed]).includes('sesame'));
    await ask('DELETE', `${path}/:secret`, one);
  }
});

test('who did what is listed as the schema says', async () => {
  const { entries } = await ask('GET', '/audit', { query: '?limit=3' });
  assert.deepEqual([entries.length, entries[0].by], [3, 'admin']);
});

test('filters are saved, listed and removed as the schemas say', async () => {
  const filter = { state: 'open', tool: 'eslint', older_than: 30 };
  await ask('PUT', '/filters/:name', { of: { name: 'old ones' }, body: { of: 'me', filter } });
  assert.deepEqual((await ask('GET', '/filters')).filters[0].filter, filter);
  await ask('DELETE', '/filters/:name', { of: { name: 'old ones' }, query: '?of=me' });
});

test('grants are added, listed and removed as the schemas say', async () => {
  const grant = { team: 'one', repositories: 'acme/*' };
  await ask('POST', '/admin/grants', { body: grant });
  assert.equal((await ask('GET', '/admin/grants')).grants[0].repositories, 'acme/*');
  await ask('DELETE', '/admin/grants', { query: '?team=one&repositories=acme%2F*' });
});

test('subscribers are added, listed and removed as the schemas say', async () => {
  const { seed, nats } = await ask('POST', '/admin/subscribers', { body: { name: 'ear', projects: [name] } });
  assert.match(seed, /^SU/);
  assert.equal(nats.subjects.length, 3);
  const { subscribers } = await ask('GET', '/admin/subscribers');
  assert.deepEqual([subscribers[0].name, subscribers[0].projects], ['ear', [name]]);
  const { subscriber } = await ask('DELETE', '/admin/subscribers/:name', { of: { name: 'ear' } });
  assert.equal(subscriber.added_by, 'admin');
});

test('a digest is shown in advance as the schemas say', async () => {
  const { mails, recorded } = await ask('POST', '/admin/digest/run-now', { body: { dry_run: true } });
  assert.deepEqual([recorded, mails], [false, []]);
  const { skipped } = await ask('GET', '/digests/:date', { of: { date: '2026-04-29' } });
  assert.deepEqual(skipped, []);
});

test('webhooks are listed, pinged and told again as the schemas say', async () => {
  const receiver = await openReceiver();
  after(() => receiver.close());
  await register(farm, 'heard', { notify: { webhooks: [{ id: 'ci', url: receiver.url, on: ['JobEnqueued'] }] } });
  const of = { name: 'heard', id: 'ci' };
  await http.ended((await enqueue(farm, 'heard', { recipe: 'test' })).job_id);
  const state = async () => (await ask('GET', '/projects/:name/webhooks', { of })).webhooks[0];
  await until(async () => (await state()).sent === 1);
  const { heard, status } = await ask('POST', '/projects/:name/webhooks/:id/test', { of });
  assert.deepEqual([heard, status], [true, 204]);
  const { events, from } = await ask('POST', '/projects/:name/webhooks/:id/replay', { of, query: '?from=1' });
  assert.deepEqual([events, from], [1, 1]);
  await until(async () => (await state()).sent === 2);
  assert.deepEqual(
    receiver.received.map(({ body }) => body.type),
    ['JobEnqueued', 'ping', 'JobEnqueued'],
  );
});

test('MCP answers one message, and has neither a stream of its own nor sessions', async () => {
  const answer = await http.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'ping' });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /"jsonrpc":"2.0"/);
  visited.add('POST /mcp');
  await ask('GET', '/mcp');
  await ask('DELETE', '/mcp');
});

test('a forge is heard with its signature', async () => {
  const body = JSON.stringify({
    action: 'closed',
    number: 1,
    repository: { full_name: 'a/b' },
    pull_request: { number: 1 },
  });
  const answer = await http.post('/forge/webhook', body, {
    bearer: null,
    headers: {
      'x-gitea-event': 'pull_request',
      'x-gitea-delivery': 'd-1',
      'x-gitea-signature': createHmac('sha256', webhookSecret).update(body).digest('hex'),
    },
  });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json.seq > 0, true);
  visited.add('POST /forge/webhook');
});

test('the OpenAPI document names every route, each with a summary and without a dangling reference', async () => {
  const { paths, openapi, security, ...rest } = await ask('GET', '/openapi.json');
  assert.match(openapi, /^3\.1\./);
  assert.deepEqual(security, [{ bearer: [] }]);
  const documented = Object.entries<Json>(paths).flatMap(([path, verbs]) =>
    Object.entries<Json>(verbs).map(([verb, { summary, responses }]) => {
      assert.ok(summary && responses, `${verb} ${path} is not described`);
      return `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
    }),
  );
  const documents = ['GET /openapi.json', 'GET /asyncapi.json', 'GET /schemas/events.json', 'GET /schemas/api.json'];
  const expected = table.map(({ method, path }) => `${method} ${path}`).filter((one) => !documents.includes(one));
  assert.deepEqual(documented.filter((one) => !one.startsWith('HEAD ')).sort(), expected.sort());
  for (const [, ref] of JSON.stringify(paths).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(ref !== undefined && ref in rest.components.schemas, `${ref} is not there`);
  }
});

test('the OpenAPI document gives each operation an id, a tag, an answer and a problem, and states no schema twice', async () => {
  const { paths, components, tags, servers } = await ask('GET', '/openapi.json');
  assert.deepEqual(servers, [{ url: '/' }]);
  const operations = Object.values<Json>(paths).flatMap((verbs) => Object.values<Json>(verbs));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  const named = new Set(tags.map(({ name }: Json) => name));
  for (const { operationId, responses, tags: own } of operations) {
    assert.ok(own.length === 1 && named.has(own[0]), operationId);
    assert.ok(
      Object.keys(responses).some((status) => status.startsWith('2')),
      operationId,
    );
    for (const status of ['4XX', '5XX'])
      assert.deepEqual(responses[status], { $ref: '#/components/responses/Problem' }, operationId);
  }
  for (const [path, method] of [
    ['/projects/{name}', 'put'],
    ['/projects/{name}', 'patch'],
    ['/teams/{team}/tokens/{name}', 'put'],
  ] as const) {
    const { responses, parameters } = paths[path][method];
    assert.ok(parameters.some((one: Json) => one.in === 'header' && one.name === 'if-match'));
    assert.ok(responses[412].description.length > 0 && responses[200].headers.ETag, `${method} ${path}`);
    assert.ok(paths[path].get.responses[200].headers.ETag, path);
  }
  assert.deepEqual(Object.keys(paths['/projects/{name}'].patch.requestBody.content), [
    'application/merge-patch+json',
    'application/json',
  ]);
  const problem = components.responses.Problem.content['application/problem+json'].schema;
  assert.equal(components.schemas[problem.$ref.split('/').at(-1)].title, 'Problem');
  const { status } = components.schemas.Job.properties;
  assert.equal(status.type, 'string');
  assert.ok(status.enum.includes('running') && status.enum.includes('succeeded'), JSON.stringify(status));
});

test('the OpenAPI document is one of version 3.1 by the published schema', async () => {
  const { valid, errors } = await new Validator().validate(await ask('GET', '/openapi.json'));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal((await new Validator().validate({ openapi: '3.1.0', paths: [] })).valid, false, 'it can refuse');
});

test('the schemas of events and of the API are one document each, whole', async () => {
  for (const [path, name] of [
    ['/schemas/events.json', 'PrOpened'],
    ['/schemas/api.json', 'Job'],
  ] as const) {
    visited.add(`GET ${path}`);
    const { status, text } = await http.get(path, { bearer: null });
    const { $defs } = JSON.parse(text);
    assert.deepEqual([status, $defs[name].type], [200, 'object']);
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
      assert.ok(reference in $defs, reference);
  }
});

test('the AsyncAPI document names every event', async () => {
  const { asyncapi, channels } = await ask('GET', '/asyncapi.json');
  assert.equal(asyncapi, '3.0.0');
  assert.equal(channels.FindingDetected.address, 'ct.finding.{id}.FindingDetected');
});

test('the page of the documentation loads nothing from elsewhere', async () => {
  const page = await http.get('/docs/', { bearer: null });
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  assert.ok(sources.length > 3);
  for (const source of sources) {
    assert.ok(!/^(https?:)?\/\//.test(source), `${source} lies elsewhere`);
    const { status } = await http.get(new URL(source, `${farm.url}/docs/`).pathname, { bearer: null });
    assert.equal(status, 200, source);
  }
});

test('what is kept of installs is listed and removed', async () => {
  visited.add('GET /admin/cache');
  visited.add('DELETE /admin/cache');
  const { cache, entries } = (await http.get('/admin/cache')).json;
  assert.deepEqual([entries, cache.entries, cache.bytes], [[], 0, 0]);
  const { json } = await http('DELETE', '/admin/cache?project=none');
  assert.deepEqual([json.removed, json.bytes], [0, 0]);
});

test('a sound event of the log is not passed over', async () => {
  visited.add('POST /admin/log/:seq/quarantine');
  const { status, json } = await http.post('/admin/log/1/quarantine', { reason: 'a try' });
  assert.deepEqual([status, json.code], [409, 'event_sound']);
});

test('every route was asked', () => {
  assert.deepEqual(
    table.map(({ method, path }) => `${method} ${path}`).filter((one) => !visited.has(one)),
    [],
  );
});
