import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);
const farm = await openFarm({ files: { 'clients/python/a.py': 'x = 1\n', 'clients/rust/a.rs': 'fn main() {}\n' } });
after(() => farm.close());
const ADMIN = farm.admin;
const json = ['-H', 'content-type: application/json'];

/** The real curl, as the README prints its lines. */
async function curl(...args: string[]) {
  const { stdout } = await run('curl', args);
  return stdout;
}

let TOKEN = '';
let JOB = '';
const bearer = (token: string) => ['-H', `Authorization: Bearer ${token}`];

test('the curl line that mints a token answers a bearer', async () => {
  const body = '{"name":"clawdforge","is_admin":false,"ip_cidrs":[]}';
  const answer = JSON.parse(await curl('-s', `${farm.url}/admin/tokens`, ...bearer(ADMIN), ...json, '-d', body));
  assert.match(answer.bearer, /^ct_[\w-]{43}$/);
  TOKEN = answer.bearer;
});

test('the curl line that registers a project works, its document untouched but for the address', async () => {
  const body = `{
  "name": "clawdforge",
  "git_url": "${farm.repository}",
  "default_branch": "main",
  "languages": ["python", "rust"],
  "subprojects": [
  {"path": "clients/python", "language": "python",
  "test": "pytest tests/", "lint": "ruff check .", "audit": "pip-audit",
  "timeout_secs": 600},
  {"path": "clients/rust", "language": "rust",
  "build": "cargo build --release", "test": "cargo test --all",
  "audit": "cargo audit", "timeout_secs": 1800}
  ]
  }`;
  const { ok, project } = JSON.parse(await curl('-s', `${farm.url}/projects`, ...bearer(TOKEN), ...json, '-d', body));
  assert.equal(ok, true);
  assert.equal(project.owner, 'clawdforge');
  assert.deepEqual(project.subprojects, JSON.parse(body).subprojects);
  assert.deepEqual(project.languages, ['python', 'rust']);
});

test('the curl line that kicks off a test answers a job id', async () => {
  const body = '{"recipe":"test","subproject":"clients/python"}';
  const answer = await curl('-s', `${farm.url}/projects/clawdforge/jobs`, ...bearer(TOKEN), ...json, '-d', body);
  JOB = JSON.parse(answer).job_id;
  assert.match(JOB, /^[0-9a-z]{26}$/);
});

test('the line that watches finds .job.status and .log_tail until the job is over', async () => {
  const answer = await until(async () => {
    const seen = JSON.parse(await curl('-s', `${farm.url}/jobs/${JOB}`, ...bearer(TOKEN)));
    assert.ok(Array.isArray(seen.log_tail.slice(-5)));
    return ['succeeded', 'failed'].includes(seen.job.status) && seen;
  });
  assert.equal(answer.job.subproject, 'clients/python');
  assert.equal(JSON.parse(answer.job.recipe_snapshot_json).subproject.timeout_secs, 600);
});

test('the curl line that streams the log gives all of it', async () => {
  const text = await curl('-s', `${farm.url}/jobs/${JOB}/log`, ...bearer(TOKEN));
  const { json } = await farm.http.get(`/jobs/${JOB}`, { bearer: TOKEN });
  assert.equal(Buffer.byteLength(text), json.job.log_bytes);
  assert.deepEqual(text.trimEnd().split('\n'), json.log_tail);
});

test('the health line needs no bearer', async () => {
  assert.equal(JSON.parse(await curl('-s', `${farm.url}/healthz`)).ok, true);
});

test('a body that curl calls a form is taken as JSON', async () => {
  const body = '{"recipe":"test","subproject":"clients/python"}';
  const args = ['-s', '-X', 'POST', ...bearer(TOKEN), `${farm.url}/projects/clawdforge/jobs`, '-d', body];
  const { job_id } = JSON.parse(await curl(...args));
  assert.ok((await farm.http.ended(job_id)).finished_at);
});

test('what a job found has the fields that the README shows', async () => {
  const { status, json } = await farm.http.get(`/jobs/${JOB}/findings`, { bearer: TOKEN });
  assert.equal(status, 200);
  assert.equal(json.ok, true);
  const { job } = (await farm.http.get(`/jobs/${JOB}`)).json;
  assert.equal(job.findings_count, json.findings.length);
  const fields = 'id job_id kind severity file line code message suggested_fix fingerprint raw_json created_at'.split(
    ' ',
  );
  for (const finding of json.findings)
    assert.deepEqual(
      fields.filter((name) => !(name in finding)),
      [],
    );
  // A machine without pytest is no defect of the code: then the job says so, and no finding is opened.
  if (job.failure?.cause === 'environment') assert.deepEqual([json.findings, job.failure.kind], [[], 'tool_missing']);
  else assert.ok(json.findings.length > 0, 'pytest has no tests to run here: a recipe that fails is a finding');
});

test('the smoke line lists the projects for the admin', async () => {
  const answer = JSON.parse(await curl('-s', '-H', `Authorization: Bearer ${ADMIN}`, `${farm.url}/projects`));
  assert.deepEqual(
    answer.projects.map(({ name }: { name: string }) => name),
    ['clawdforge'],
  );
});
