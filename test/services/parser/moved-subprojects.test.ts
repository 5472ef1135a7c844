import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, git, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { linter } from '../../support/tiny-linter.ts';
import { until } from '../../support/until.ts';

let farm: TestFarm;

before(async () => {
  farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,runner' } });
});
after(() => farm?.close());

const tap = "printf 'TAP version 13\\n1..1\\nnot ok 1 - adds up\\n'; exit 1";
const lint = 'perl lint.pl # eslint -f json';
const web = { language: 'javascript', lint, test: tap };
const files = (folder: string) => ({ [`${folder}/lint.pl`]: linter, [`${folder}/src/a.js`]: 'bad(1);\nbad(2);\n' });

async function put(name: string, subprojects: Json[]): Promise<void> {
  const document = { name, git_url: join(farm.dir, name), subprojects };
  const known = (await farm.http.get(`/projects/${name}`)).status === 200;
  const answer = await farm.http(known ? 'PUT' : 'POST', known ? `/projects/${name}` : '/projects', { body: document });
  assert.ok(answer.status < 300, answer.text);
}

async function run(name: string, recipe: string, more: Json = {}): Promise<Json> {
  return farm.http.ended((await farm.http.post(`/projects/${name}/jobs`, { recipe, ...more })).json.job_id);
}

async function findings(name: string): Promise<Json[]> {
  const { json } = await farm.http.get(`/findings?project=${name}`);
  return json.findings.sort((a: Json, b: Json) => a.id - b.id);
}

const shown = (found: Json[]) => found.map(({ id, subproject, state }) => [id, subproject, state]);

test('a subproject that gets another path takes its findings along, under their ids and without news', async () => {
  const repository = makeRepository(join(farm.dir, 'renamed'), files('old'));
  await put('renamed', [{ path: 'old', ...web }]);
  for (const recipe of ['lint', 'test']) await run('renamed', recipe);
  const before = await findings('renamed');
  assert.deepEqual([before.length, before.every(({ state }) => state === 'open')], [3, true]);
  git(repository, 'mv', 'old', 'new');
  commitFiles(repository, {});
  await put('renamed', [{ path: 'new', ...web }]);
  const moved = shown(before).map(([id]) => [id, 'new', 'open']);
  assert.deepEqual(shown(await findings('renamed')), moved);
  for (const recipe of ['lint', 'test']) {
    const { new_findings_count, resolved_findings_count } = await run('renamed', recipe);
    assert.deepEqual([new_findings_count, resolved_findings_count], [0, 0], recipe);
  }
  assert.deepEqual(shown(await findings('renamed')), moved);
  // Another subproject at the old path has findings of its own.
  commitFiles(repository, files('old'));
  await put('renamed', [
    { path: 'new', ...web },
    { path: 'old', ...web },
  ]);
  await run('renamed', 'test', { subproject: 'old' });
  const failing = (await findings('renamed')).filter(({ kind }) => kind === 'test_fail');
  assert.deepEqual(failing.map(({ subproject }) => subproject).sort(), ['new', 'old']);
});

test('a recipe that is taken out leaves no finding open for ever', async () => {
  makeRepository(join(farm.dir, 'taken'), files('.'));
  await put('taken', [{ path: '.', ...web }]);
  for (const recipe of ['lint', 'test']) await run('taken', recipe);
  await put('taken', [{ path: '.', language: 'javascript', test: tap }]);
  await until(async () =>
    (await findings('taken')).every(({ kind, state }) => (state === 'open') === (kind === 'test_fail')),
  );
  const [gone] = (await findings('taken')).filter(({ kind }) => kind === 'lint');
  const { history } = (await farm.http.get(`/findings/${gone?.id}`)).json;
  assert.equal(gone?.state, 'unwatched');
  assert.match(history.at(-1).reason, /the lint recipe of \. was taken out of the project/);
  await put('taken', [{ path: '.', ...web }]);
  await run('taken', 'lint');
  assert.ok((await findings('taken')).every(({ state }) => state === 'open'));
  // What is mended meanwhile is gone when its recipe is back.
  await put('taken', [{ path: '.', language: 'javascript', test: tap }]);
  await until(async () => (await findings('taken')).some(({ state }) => state === 'unwatched'));
  commitFiles(join(farm.dir, 'taken'), { [String(gone?.file)]: 'good(1);\n' });
  await put('taken', [{ path: '.', ...web }]);
  await run('taken', 'lint');
  const states = (await findings('taken')).filter(({ kind, file }) => kind === 'lint' && file === gone?.file);
  assert.ok(states.length > 0 && states.every(({ state }) => state === 'resolved'), JSON.stringify(states));
});

test('a command that becomes another recipe takes its findings along, with what people said of them', async () => {
  makeRepository(join(farm.dir, 'recipes'), files('.'));
  await put('recipes', [{ path: '.', language: 'javascript', lint }]);
  await run('recipes', 'lint');
  const before = await findings('recipes');
  await farm.http.post(`/findings/${before[0]?.id}/suppress`, { reason: 'known' });
  await put('recipes', [{ path: '.', language: 'javascript', audit: lint }]);
  const { new_findings_count, not_observed_count } = await run('recipes', 'audit');
  assert.deepEqual([new_findings_count, not_observed_count], [0, 0]);
  const now = (await findings('recipes')).map(({ id, recipe, state }) => [id, recipe, state]);
  assert.deepEqual(
    now,
    before.map(({ id }, at) => [id, 'audit', at === 0 ? 'suppressed' : 'open']),
  );
  const trend = (await farm.http.get('/findings?project=recipes&recipe=audit')).json.findings;
  assert.equal(trend.length, before.length);
});

test('a subproject that says what it was called before takes its findings along, whatever else it changed', async () => {
  const repository = makeRepository(join(farm.dir, 'told'), { ...files('old'), ...files('other') });
  await put('told', [
    { path: 'old', ...web },
    { path: 'other', ...web },
  ]);
  await run('told', 'lint', { subproject: 'old' });
  const before = await findings('told');
  git(repository, 'mv', 'old', 'new');
  commitFiles(repository, {});
  await put('told', [
    { path: 'new', ...web, language: 'typescript', test: `true; ${tap}`, renamed_from: 'old' },
    { path: 'another', ...web },
  ]);
  await run('told', 'lint', { subproject: 'new' });
  assert.deepEqual(
    shown(await findings('told')),
    before.map(({ id }) => [id, 'new', 'open']),
  );
});

test('what is silenced while it moves stays open, though files of its content move in other subprojects too', async () => {
  const source = `${Array.from({ length: 9 }, (_, n) => `const a${n} = ${n};`).join('\n')}\nbad(1);\n`;
  const silent = source.replace('bad(1);', 'bad(1); // eslint-disable-line');
  const folders = ['a', 'b', 'c', 'd'];
  const repository = makeRepository(
    join(farm.dir, 'crossed'),
    Object.fromEntries(
      folders.flatMap((one) => [
        [`${one}/lint.pl`, linter],
        [`${one}/src/x.js`, source],
      ]),
    ),
  );
  const subprojects = (names: string[]) => names.map((path) => ({ path, language: 'javascript', lint }));
  await put('crossed', subprojects(folders));
  const runAll = async (names: string[]) => {
    for (const subproject of names) await run('crossed', 'lint', { subproject });
  };
  await runAll(folders);
  const states = async () =>
    (await findings('crossed')).map(({ subproject, file, state }) => [subproject, file, state]);
  assert.deepEqual(
    await states(),
    folders.map((one) => [one, `${one}/src/x.js`, 'open']),
  );
  // git takes the first deleted file of a content for the first new one of it: here for another subproject's.
  for (const one of folders) git(repository, 'rm', '-q', `${one}/src/x.js`);
  commitFiles(repository, {
    'a/src/lib/x.js': silent,
    ...Object.fromEntries(['b', 'c', 'd'].map((one) => [`${one}/src/lib/x.js`, source])),
  });
  await runAll(folders);
  await runAll(folders);
  const moved = [['a', 'a/src/x.js', 'open'], ...['b', 'c', 'd'].map((one) => [one, `${one}/src/lib/x.js`, 'open'])];
  assert.deepEqual(await states(), moved);
  // A subproject that is renamed as a whole, with settings that switch the rule off.
  git(repository, 'mv', 'b', 'renamed');
  commitFiles(repository, { 'renamed/eslint.config.js': "export default [{ rules: { 'no-bad': 'off' } }];\n" });
  const names = ['a', 'renamed', 'c', 'd'];
  await put('crossed', subprojects(names));
  // Two files change places, one of them silenced.
  git(repository, 'mv', 'c/src/lib/x.js', 'c/src/old.js');
  commitFiles(repository, { 'c/src/new.js': silent, 'd/src/lib/x.js': source.replace('bad(1);', 'good(1);') });
  git(repository, 'rm', '-q', 'c/src/old.js');
  commitFiles(repository, {});
  await runAll(names);
  await runAll(names);
  assert.deepEqual(
    (await findings('crossed')).map(({ subproject, state }) => [subproject, state]),
    [
      ['a', 'open'],
      ['renamed', 'open'],
      ['c', 'open'],
      ['d', 'resolved'],
    ],
  );
});
