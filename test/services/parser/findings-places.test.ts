import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';

let farm: TestFarm;
before(async () => {
  farm = await openFarm();
});
after(() => farm.close());

/** A project whose lint recipe prints what stands in `log.txt` and fails. */
function shop(name: string, log: string) {
  const repository = makeRepository(join(farm.dir, name), {
    'log.txt': log,
    'src/a.js': 'bad one\n',
    'src/b.js': '\nbad two\n',
  });
  const run = async (next?: string): Promise<Json> => {
    if (next !== undefined) commitFiles(repository, { 'log.txt': next });
    const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' });
    return farm.http.ended(json.job_id);
  };
  const open = async (): Promise<Json[]> => {
    const { json } = await farm.http.get(`/findings?project=${name}&state=open`);
    return json.findings.map(({ identity, file, line }: Json) => ({ identity, place: `${file}:${line}` }));
  };
  const register = () =>
    farm.http.post('/projects', {
      name,
      git_url: repository,
      subprojects: [{ path: '.', language: 'javascript', lint: 'cat log.txt; exit 1' }],
    });
  return { run, open, register };
}

const eslint = (root: string, prefix = '') =>
  [
    `${root}/src/a.js`,
    '  1:1  error  No bad  no-bad',
    '',
    `${root}/src/b.js`,
    '  2:1  error  No bad  no-bad',
    '',
    '\u2716 2 problems (2 errors, 0 warnings)',
    '',
  ]
    .map((line) => `${prefix}${line}\n`)
    .join('');

test('findings of a container stay the same ones, whatever wrote before their lines and wherever they were checked out', async () => {
  const { run, open, register } = shop('places', eslint('/app'));
  await register();
  await run();
  const first = await open();
  assert.deepEqual(first.map(({ place }) => place).sort(), ['src/a.js:1', 'src/b.js:2']);
  for (const again of [eslint('/builds/x', '#12 4.2 '), eslint('/github/workspace', 'web-1  | ')]) {
    const job = await run(again);
    assert.equal(job.new_findings_count, 0);
    assert.deepEqual(await open(), first);
  }
});

test('a run that names places which are not in the repository closes nothing', async () => {
  const { run, open, register } = shop('lost', eslint('/app'));
  await register();
  await run();
  const first = await open();
  const elsewhere = eslint('/app').replaceAll('src/', 'other/').replaceAll('a.js', 'x.js').replaceAll('b.js', 'y.js');
  const job = await run(elsewhere);
  assert.match(job.not_observed, /names 2 places that are not in the repository/);
  const now = await open();
  assert.deepEqual(now.filter(({ identity }) => first.some((one) => one.identity === identity)).length, 2);
  assert.deepEqual(now.map(({ place }) => place).sort(), [
    '/app/other/x.js:1',
    '/app/other/y.js:2',
    'src/a.js:1',
    'src/b.js:2',
  ]);
});
