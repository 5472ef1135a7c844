import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { commitFiles } from '../../support/git-repository.ts';
import { eslintReport, register } from './registered.ts';

const secret = 'hunter2+/secret=word';
const farm = await openFarm();
after(() => farm.close());
const { http } = farm;

/** Every file below the data folder that holds a text. */
async function filesWith(text: string): Promise<string[]> {
  const entries = await readdir(farm.dataDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const held = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)));
  return files.filter((_file, index) => held[index]).map((file) => file.slice(farm.dataDir.length + 1));
}

test('a bearer lies nowhere in the data folder, the admin’s only in its file', async () => {
  const bearer = await http.mint('one', {});
  await http.post('/admin/tokens', { name: 'two' }, { headers: { 'idempotency-key': 'k' } });
  assert.deepEqual(await filesWith(bearer), []);
  assert.deepEqual(await filesWith(farm.admin), ['admin-bearer.txt']);
});

test('a job that prints the credential of its repository shows it nowhere, in no form', async (context) => {
  const url = (await startGitHttpServer(context, farm.dir, { credential: { username: 'bot', password: secret } })).url;
  // The repository holds the secret backwards: the recipe makes it, no file or command is it.
  const backwards = [...secret].reverse().join('');
  commitFiles(farm.repository, { backwards, 'report.json': eslintReport('a.js', 'found @@ here') });
  const lines = [
    's=$(rev backwards)',
    'echo "plain $s"',
    'printf %s "$s" | base64 -w0; echo',
    'printf %s "bot:$s" | base64 -w0; echo',
    `node -e 'console.log(encodeURIComponent(process.argv[1]))' "$s"`,
    'printf "split %.8s" "$s"; sleep 0.1; printf "%s\\n" "$s" | cut -c9-',
    'sed "s|@@|$s|" report.json >&2',
    'exit 1',
  ];
  const git_url = `${url.replace('http://', `http://bot:${encodeURIComponent(secret)}@`)}/repository/.git`;
  const project = await register(farm, 'sealed', { git_url, commands: { lint: lines.join('\n') } });
  assert.equal(project.has_credential, true);
  assert.equal(project.git_url, `${url}/repository/.git`);
  const { json } = await http.post('/projects/sealed/jobs', { recipe: 'lint' });
  const job = await http.ended(json.job_id);
  assert.equal(job.exit_code, 1, JSON.stringify(job));
  const shown: string[] = [];
  for (const path of [
    `/jobs/${job.job_id}`,
    `/jobs/${job.job_id}/log`,
    `/jobs/${job.job_id}/log?tail=50`,
    `/jobs/${job.job_id}/log?follow=1`,
    `/jobs/${job.job_id}/findings`,
    `/jobs/${job.job_id}/findings.sarif`,
    '/findings',
    '/events',
    '/projects',
    '/metrics',
  ])
    shown.push((await http.get(path)).text);
  const [, log = ''] = shown;
  assert.match(log, /^plain \[redacted\]$/m);
  assert.match(log, /^split \[redacted\]$/m);
  const coded = Buffer.from(secret).toString('base64');
  const pair = Buffer.from(`bot:${secret}`).toString('base64');
  for (const form of [secret, encodeURIComponent(secret), coded, coded.replace(/=+$/, ''), pair, 'secret=word']) {
    for (const text of shown) assert.ok(!text.includes(form), `${form} in ${text}`);
    assert.deepEqual(
      (await filesWith(form)).filter((file) => !file.startsWith('workspace')),
      [],
      form,
    );
  }
});

test('a PUT of what a GET showed keeps the credential, one to another address does not', async () => {
  const { project } = (await http.get('/projects/sealed')).json;
  const kept = await http('PUT', '/projects/sealed', { body: project });
  assert.equal(kept.json.project.has_credential, true, kept.text);
  const moved = await http('PUT', '/projects/sealed', {
    body: { ...project, git_url: 'http://elsewhere.example/x.git' },
  });
  assert.equal(moved.json.project.has_credential, false);
});

test('a refused address is never repeated', async () => {
  for (const git_url of [`ftp://bot:${secret}@host/x`, `ssh://bot:${secret}@host/x`, `http://bot:${secret}@/x?y`]) {
    const { status, text } = await http.post('/projects', { name: 'refused', git_url });
    assert.equal(status, 400);
    assert.ok(!text.includes('hunter2'), text);
  }
});

test('a server that refuses the credential ends the job with a reason that holds no secret', async (context) => {
  const { url } = await startGitHttpServer(context, farm.dir, { credential: { username: 'a', password: 'another' } });
  await register(farm, 'refused', {
    git_url: `${url.replace('http://', `http://bot:${encodeURIComponent(secret)}@`)}/repository/.git`,
  });
  const { json } = await http.post('/projects/refused/jobs', { recipe: 'test' });
  const job = await http.ended(json.job_id);
  assert.equal(job.reason, 'workspace_failed');
  const { text } = await http.get(`/jobs/${job.job_id}`);
  assert.ok(!text.includes('hunter2') && !text.includes(encodeURIComponent(secret)), text);
});
