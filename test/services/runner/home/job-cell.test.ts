import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sampleData } from '../../../events/stored-payloads.ts';
import { openFarm } from '../../../support/farm.ts';
import type { Json } from '../../../support/http.ts';
import { levelTrouble } from '../../io/sandbox/cell-scene.ts';
import { withStage } from '../runner-stage.ts';

const trouble = await levelTrouble('bwrap');
const secret = 'a-secret-of-the-operator';

describe('a farm with the sandbox bwrap', { skip: trouble ?? false }, async () => {
  if (trouble !== null) return;
  process.env.CT_TEST_SECRET = secret;
  process.env.CT_TEST_SHORT = 'abc';
  const files = { 'README.md': 'x\n', 'small/README.md': 'x\n', 'listed/README.md': 'x\n' };
  const farm = await openFarm({
    files,
    env: { CRAFTING_SANDBOX: 'bwrap', CRAFTING_JOB_ENV: 'CT_TEST_SECRET,CT_TEST_SHORT' },
  });
  after(() => farm.close());
  const ran = async (subproject: string, recipe: string): Promise<{ job: Json; log: string }> => {
    const { status, json, text } = await farm.http.post('/projects/cells/jobs', { subproject, recipe });
    assert.equal(status, 202, text);
    const [{ job_id }] = json.jobs;
    const job = await farm.http.ended(job_id);
    return { job, log: (await farm.http.get(`/jobs/${job_id}/log`)).text };
  };
  const { status, text } = await farm.http.post('/projects', {
    name: 'cells',
    git_url: farm.repository,
    sandbox: 'required',
    limits: { processes: 300 },
    subprojects: [
      {
        path: '.',
        language: 'shell',
        build: `cat ${join(farm.dataDir, 'secret.key')}; ls ${farm.dataDir}; test ! -e ${join(farm.dataDir, 'secret.key')}`,
        test: 'git log --format=%s && git status --porcelain && touch new && git add new && git stash list',
        lint: 'printf "%s\\n" "$CT_TEST_SECRET"; printf %s "$CT_TEST_SECRET" | wc -c',
        env_from: ['CT_TEST_SECRET', 'CT_TEST_SHORT', 'CT_NOT_GIVEN'],
      },
      { path: 'small', language: 'shell', build: 'yes', limits: { log_mb: 1 } },
      {
        path: 'listed',
        language: 'shell',
        build:
          'perl -MIO::Socket::INET -e \'$s = IO::Socket::INET->new("127.0.0.1:3128"); print $s "CONNECT 127.0.0.1:4222 HTTP/1.1\\r\\n\\r\\n"; print scalar <$s>\'',
        network: { allow: ['example.org'] },
      },
    ],
  });
  assert.equal(status, 201, text);

  it('says it of each job, and of itself', async () => {
    const { job } = await ran('.', 'test');
    assert.deepEqual([job.sandbox, job.status], ['bwrap', 'succeeded'], JSON.stringify(job));
    assert.equal((await farm.http.get('/healthz')).json.runner.sandbox, 'bwrap');
    const { checks } = (await farm.http.get('/readyz')).json;
    assert.match(checks.find(({ name }: Json) => name === 'sandbox').detail, /^bwrap, held together by /);
  });

  it('hides its own folder from its jobs', async () => {
    assert.equal((await ran('.', 'build')).job.status, 'succeeded');
  });

  it('gives jobs the variables that are asked for and let out, and keeps their values out of the log', async () => {
    const { job, log } = await ran('.', 'lint');
    assert.equal(job.status, 'succeeded');
    assert.ok(log.includes('[redacted]') && log.includes(String(secret.length)) && !log.includes(secret), log);
    assert.match(log, /env_from names CT_NOT_GIVEN, which this runner does not give to jobs/);
    assert.match(log, /CT_TEST_SHORT is too short to be kept out of this log: it has fewer than six characters/);
  });

  it('ends a job at the limits of its subproject', async () => {
    const { job } = await ran('small', 'build');
    assert.deepEqual([job.reason, job.log_bytes >= 2 ** 20, job.log_bytes < 2 ** 20 + 1000], ['log_limit', true, true]);
  });

  it('says in the log of a job which hosts were refused', async () => {
    const { job, log } = await ran('listed', 'build');
    assert.equal(job.status, 'succeeded');
    assert.match(log, /^HTTP\/1\.1 403/m);
    assert.match(log, /^\[crafting-table\] network: 127\.0\.0\.1:4222 is not on the list of this job$/m);
  });

  it('refuses a list of hosts that holds something else', async () => {
    const document = { name: 'wrong', git_url: farm.repository, network: { allow: ['https://example.org/'] } };
    const refused = await farm.http.post('/projects', document);
    assert.equal(refused.status, 400, refused.text);
    assert.match(refused.text, /\/body\/network\/allow\/0/);
  });

  it('shows a project with what it demands', async () => {
    const { project } = (await farm.http.get('/projects/cells')).json;
    assert.deepEqual([project.sandbox, project.limits], ['required', { processes: 300 }]);
    assert.deepEqual(project.subprojects[2].network, { allow: ['example.org'] });
  });
});

describe('a runner without a sandbox', () => {
  it('ends a job that demands one, says what is missing and runs nothing of it', () =>
    withStage(async ({ runner, enqueue, exit, output, log }) => {
      await runner();
      const { git_url: _url, ...snapshot } = sampleData('JobEnqueued').snapshot;
      const first = await enqueue('true');
      await exit(first);
      const { git_url } = (await log.last('JobEnqueued', first))?.data.snapshot ?? { git_url: '' };
      const demanding = await enqueue('echo ran', { snapshot: { ...snapshot, git_url, sandbox: 'required' } });
      const { reason, exit_code, detail } = await exit(demanding);
      assert.deepEqual([reason, exit_code], ['sandbox_missing', null]);
      assert.equal(detail, 'the project demands the sandbox required; this runner has none');
      assert.doesNotMatch(await output(demanding), /^ran$/m);
      assert.equal((await log.last('RecipeStarted', demanding))?.data.sandbox, 'none');
    }));
});
