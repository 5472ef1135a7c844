import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { commitFiles } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { enqueue, eslintReport, register } from './registered.ts';

const first = eslintReport('a.js', "'x' is not defined");
const farm = await openFarm({ files: { 'report.json': first, 'a.js': 'x\n' } });
after(() => farm.close());
const { http } = farm;

/** Lints the repository as it is now, and answers the job. */
async function lint(): Promise<Json> {
  const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
  return http.ended(job_id);
}

let job: Json;
let id = 0;
let between = 0;

before(async () => {
  // Fails as eslint does: when there is something to report.
  const commands = { lint: 'cat report.json; ! grep -q no-undef report.json', test: 'exit 3' };
  await register(farm, 'web', { subprojects: [{ path: '.', language: 'javascript', ...commands }] });
  job = await lint();
  id = (await http.get(`/jobs/${job.job_id}/findings`)).json.findings[0].id;
  between = Number((await http.get('/healthz')).headers.get('x-crafting-seq'));
  await http.ended((await enqueue(farm, 'web', { recipe: 'test' })).job_id);
});

const ids = async (query: string): Promise<number[]> => {
  const { status, json, text } = await http.get(`/findings${query}`);
  assert.equal(status, 200, text);
  return json.findings.map((finding: Json) => finding.id);
};

test('findings are narrowed by project, state, kind, severity and time', async () => {
  const [failure, undefined_] = await ids('');
  assert.equal(undefined_, id);
  assert.deepEqual(await ids('?project=web&state=open'), [failure, id]);
  assert.deepEqual(await ids('?kind=lint'), [id]);
  assert.deepEqual(await ids('?kind=recipe_fail&severity=error'), [failure]);
  assert.deepEqual(await ids('?severity=critical'), []);
  assert.deepEqual(await ids(`?since=${between}`), [failure]);
  assert.deepEqual(await ids('?since=2999-01-01'), []);
  assert.equal((await http.get('/findings?project=none')).status, 404);
  assert.equal((await http.get('/findings?state=odd')).status, 400);
});

test('findings are paged newest first', async () => {
  const { json } = await http.get('/findings?limit=1');
  assert.equal(json.findings.length, 1);
  const { json: rest } = await http.get(`/findings?limit=1&cursor=${json.next_cursor}`);
  assert.deepEqual([rest.findings[0].id, rest.next_cursor], [id, null]);
});

test('a difference names what appeared and what went between two points', async () => {
  const diff = async (query: string) => {
    const { status, json, text } = await http.get(`/projects/web/findings/diff${query}`);
    assert.equal(status, 200, text);
    return [json.appeared.length, json.gone.length];
  };
  assert.deepEqual(await diff('?from=0'), [2, 0]);
  assert.deepEqual(await diff(`?from=0&to=${between}`), [1, 0]);
  assert.deepEqual(await diff(`?from=${between}`), [1, 0]);
  assert.deepEqual(await diff('?from=2000-01-01&to=2000-01-02T00:00:00Z'), [0, 0]);
});

test('SARIF holds a run for each tool, with a rule and a place for each result', async () => {
  const { status, json, headers } = await http.get(`/jobs/${job.job_id}/findings.sarif`);
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /^application\/sarif\+json/);
  assert.equal(json.version, '2.1.0');
  const [run] = json.runs;
  assert.equal(run.tool.driver.name, 'eslint');
  const [result] = run.results;
  assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
  assert.deepEqual([result.ruleId, result.level, result.message.text], ['no-undef', 'error', "'x' is not defined"]);
  assert.deepEqual(result.locations[0].physicalLocation.artifactLocation, { uri: 'a.js', uriBaseId: '%SRCROOT%' });
  assert.equal(result.locations[0].physicalLocation.region.startLine, 1);
});

test('a finding is suppressed with a reason and a time, and shows it', async () => {
  assert.equal((await http.post(`/findings/${id}/suppress`, {})).json.errors[0].path, '/body/reason');
  const over = await http.post(`/findings/${id}/suppress`, { reason: 'vendored', until: '2020-01-01' });
  assert.deepEqual([over.status, over.json.errors[0].path], [400, '/body/until']);
  const { json, status } = await http.post(`/findings/${id}/suppress`, { reason: 'vendored', until: '2999-01-01' });
  assert.equal(status, 200);
  assert.deepEqual(json.finding.suppression, { by: 'admin', reason: 'vendored', until: '2999-01-01T00:00:00.000Z' });
  assert.deepEqual(await ids('?state=suppressed'), [id]);
  const back = await http.post(`/findings/${id}/unsuppress`);
  assert.deepEqual([back.json.finding.state, back.json.finding.suppression], ['open', null]);
  const again = await http.post(`/findings/${id}/unsuppress`);
  assert.deepEqual([again.status, again.json.code], [409, 'not_suppressed']);
});

test('the history of a finding holds every turn of it, also the same one twice', async () => {
  commitFiles(farm.repository, { 'a.js': 'let x;\n', 'report.json': '[{"filePath":"a.js","messages":[]}]' });
  const mended = await lint();
  assert.equal(mended.resolved_findings_count, 1, mended.not_observed);
  commitFiles(farm.repository, { 'a.js': 'x\n', 'report.json': first });
  await lint();
  await http.post(`/findings/${id}/suppress`, { reason: 'again' });
  const { history, finding } = (await http.get(`/findings/${id}`)).json;
  assert.deepEqual(
    history.map(({ type }: Json) => type.replace('Finding', '')),
    ['Detected', 'Suppressed', 'Unsuppressed', 'Resolved', 'Reopened', 'Suppressed'],
  );
  assert.equal(finding.state, 'suppressed');
});
