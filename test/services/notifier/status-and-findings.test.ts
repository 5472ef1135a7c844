import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestFarm, withFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { agentToken, type PatchParts, withPatchParts } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';
import { enqueue, eslintReport, register } from '../api/registered.ts';

const files = { 'report.json': eslintReport('old.js', 'known since the first look') };
const commands = { test: 'true', lint: 'cat report.json; exit 1' };
/** A run that draws the line, and then a commit with a finding that is new. */
async function bringNews(farm: Pick<TestFarm, 'http'>, { work }: Pick<PatchParts, 'work'>): Promise<void> {
  await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
  commitFiles(work, { 'report.json': eslintReport('a.js', "'x' is not defined") });
  git(work, 'push', '--quiet', 'origin', 'main');
}

const context = (recipe: string) => `crafting-table/web/./${recipe}`;

const eventsOf = async ({ http }: Pick<TestFarm, 'http'>, type: string): Promise<Json[]> =>
  (await http.get('/events')).text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === type);

function withForge(
  work: (farm: TestFarm, parts: PatchParts) => Promise<void>,
  { notify = { commit_status: true } as Json, ...more }: Json = {},
) {
  return withPatchParts({ files, answer: () => '' }, (parts) =>
    withFarm(
      async (farm) => {
        await register({ ...farm, repository: parts.gitUrl }, 'web', { commands, notify });
        await work(farm, parts);
      },
      { env: { ...parts.env, CRAFTING_PUBLIC_URL: 'https://farm.example.org' }, ...more },
    ),
  );
}

test('a job shows on its commit: first that it runs, at its end how it went, with its counts and a link', () =>
  withForge(async (farm, { forge, work }) => {
    await bringNews(farm, { work });
    const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
    await farm.http.ended(job_id);
    await until(() => forge.statuses.at(-1)?.state === 'failure');
    const last = forge.statuses.at(-1);
    assert.deepEqual(last, {
      repository: 'acme/app',
      sha: git(work, 'rev-parse', 'HEAD'),
      context: context('lint'),
      state: 'failure',
      description: 'lint failed: 1 finding, 1 new, 1 fixed',
      target_url: `https://farm.example.org/ui/jobs/${job_id}`,
    });
    await farm.http.ended((await enqueue(farm, 'web', { recipe: 'test' })).job_id);
    await until(() => forge.statuses.at(-1)?.state === 'success');
    assert.equal(forge.statuses.at(-1)?.context, context('test'));
    const sent = await until(async () => {
      const all = (await eventsOf(farm, 'NoticeSent')).filter(({ data }) => data.event_type === 'FindingsParsed');
      return all.length === 3 && all;
    });
    assert.deepEqual(
      sent.map(({ data }) => [data.channel, data.target]),
      [
        ['commit_status', context('lint')],
        ['commit_status', context('lint')],
        ['commit_status', context('test')],
      ],
    );
  }));

test('a job that runs for a while is shown as pending', () =>
  withForge(async (farm, { forge }) => {
    await register(farm, 'local', { commands: { test: 'true' } });
    await farm.http('PUT', '/projects/web', {
      body: {
        ...(await farm.http.get('/projects/web')).json.project,
        subprojects: [{ path: '.', language: 'shell', test: 'while [ ! -e go ]; do sleep 0.05; done' }],
      },
    });
    const { job_id } = await enqueue(farm, 'web', { recipe: 'test' });
    await until(() => forge.statuses.at(-1)?.state === 'pending');
    assert.equal(forge.statuses.at(-1)?.description, 'test is running');
    await farm.http.post(`/jobs/${job_id}/cancel`);
    await until(() => forge.statuses.at(-1)?.state === 'error');
    assert.match(forge.statuses.at(-1)?.description ?? '', /cancelled/);
  }));

test('a forge in trouble is asked again, and ends with the newest state of each context', () => {
  const clock = movedClock();
  return withForge(
    async (farm, { forge }) => {
      forge.failNext({ route: 'statuses', status: 502, times: 3 });
      const first = (await enqueue(farm, 'web', { recipe: 'test' })).job_id;
      await farm.http.ended(first);
      const calls = () => forge.calls['gitea POST /repos/{owner}/{repo}/statuses/{sha}'] ?? 0;
      await until(() => calls() > 0);
      const second = (await enqueue(farm, 'web', { recipe: 'test' })).job_id;
      await farm.http.ended(second);
      await until(async () => {
        await clock.forward(60_000);
        return forge.statuses.at(-1)?.target_url.endsWith(second);
      });
      assert.equal(forge.statuses.at(-1)?.state, 'success');
      assert.equal(forge.statuses.filter(({ target_url }) => target_url.endsWith(first)).length, 0);
    },
    { parts: { clock } },
  );
});

test('a forge that forbids it is recorded once for each notice, and not asked again', () =>
  withForge(async (farm, { forge }) => {
    forge.failNext({ route: 'statuses', status: 403, times: 100 });
    await farm.http.ended((await enqueue(farm, 'web', { recipe: 'test' })).job_id);
    const failed = await until(async () => {
      const all = await eventsOf(farm, 'NoticeFailed');
      return all.some(({ data }) => data.event_type === 'FindingsParsed') && all;
    });
    assert.match(failed[0].data.reason, /403/);
    assert.equal(forge.calls['gitea POST /repos/{owner}/{repo}/statuses/{sha}'], failed.length);
  }));

test('new findings go to clawdforge as a file, whose token is kept, and known ones do not go again', () =>
  withForge(
    async (farm, { agent, work }) => {
      await bringNews(farm, { work });
      const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
      await farm.http.ended(job_id);
      const [sent] = await until(async () => {
        const all = await eventsOf(farm, 'NoticeSent');
        return all.length > 0 && all;
      });
      const [file] = agent?.files ?? [];
      assert.equal(sent.data.reference, file?.token);
      assert.equal(file?.ttlSecs, 86_400);
      const content = JSON.parse(file?.content ?? '');
      assert.deepEqual([content.project, content.job_id, content.findings.length], ['web', job_id, 1]);
      assert.equal(content.findings[0].message, "'x' is not defined");
      await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
      const seq = (await farm.http.get('/healthz')).json.seq;
      assert.ok(seq > 0);
      assert.equal(agent?.files.length, 1);
      assert.equal((await farm.http.get('/events')).text.includes(agentToken), false);
    },
    { notify: { clawdforge: true } },
  ));

test('a gateway in trouble gets the file later, and one that refuses it is recorded', () => {
  const clock = movedClock();
  return withForge(
    async (farm, { agent, work }) => {
      await bringNews(farm, { work });
      agent?.failNext('upload', { status: 503, raw: '{}', headers: { 'retry-after': '30' } });
      await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
      await until(() => agent?.requests.some(({ operation }) => operation === 'upload'));
      await until(async () => {
        await clock.forward(31_000);
        return agent?.files.length === 1;
      });
      commitFiles(work, { 'report.json': eslintReport('b.js', "'y' is not defined") });
      git(work, 'push', '--quiet', 'origin', 'main');
      agent?.failNext('upload', 'forbidden');
      await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
      const [failed] = await until(async () => {
        const all = await eventsOf(farm, 'NoticeFailed');
        return all.length > 0 && all;
      });
      assert.deepEqual(
        [failed.data.channel, failed.data.reason],
        ['clawdforge', 'The agent gateway answers a file with 403.'],
      );
    },
    { notify: { clawdforge: true }, parts: { clock } },
  );
});

test('a project that wants what is not set up learns which variable is missing', () =>
  withFarm(
    async (farm) => {
      const parts = { ...commands, lint: 'cat missing.json' };
      await register(farm, 'web', { commands: parts, notify: { commit_status: true, clawdforge: true } });
      await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
      const reasons = await until(async () => {
        const all = (await eventsOf(farm, 'NoticeFailed')).map(({ data }) => `${data.channel} ${data.reason}`);
        return new Set(all).size === 2 && all.join('\n');
      });
      assert.match(reasons, /commit_status .*CRAFTING_GITEA_URL/);
      assert.match(reasons, /clawdforge .*CRAFTING_CLAWDFORGE_URL/);
    },
    { files },
  ));
