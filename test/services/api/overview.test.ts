import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inboxOrder } from '../../../services/findings/rules/inbox-order.ts';
import { spikesIn } from '../../../services/findings/rules/trend-spikes.ts';
import { openFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { say } from '../cli/captured-cli.ts';
import { enqueue, eslintReport, register } from './registered.ts';

const farm = await openFarm({ files: { 'report.json': eslintReport('a.js', 'first'), 'build.sh': 'true' } });
after(() => farm.close());
const { http } = farm;
let owner = '';
let stranger = '';
let earlier = 0;

before(async () => {
  [owner, stranger] = [await http.mint('owner'), await http.mint('stranger')];
  const commands = { lint: 'cat report.json; exit 1', build: 'sh build.sh', audit: 'sleep 600' };
  await register(farm, 'shop', { bearer: owner, commands, deadlines: { error: 30 } });
  await register(farm, 'idle', { bearer: owner });
  const run = async (recipe: string) => http.ended((await enqueue(farm, 'shop', { recipe }, { bearer: owner })).job_id);
  await run('lint');
  await run('build');
  earlier = Number((await http.get('/projects')).headers.get('x-crafting-seq'));
  commitFiles(farm.repository, {
    'report.json': JSON.stringify([
      ...JSON.parse(eslintReport('a.js', 'first')),
      ...JSON.parse(eslintReport('b.js', 'second')),
    ]),
    'build.sh': 'echo broken; exit 3',
  });
  await run('lint');
  await run('build');
  await enqueue(farm, 'shop', { recipe: 'audit' }, { bearer: owner });
});

const of = async (path: string, bearer = owner): Promise<Json> => {
  const { status, json, text } = await http.get(path, { bearer });
  assert.equal(status, 200, text);
  return json;
};

test('the summary has a line for each project: how it stands, what is open and new, its trend, its last run', async () => {
  const { projects } = await of('/summary');
  assert.deepEqual(
    projects.map((one: Json) => [one.name, one.status, one.open, one.new_open, one.last_job?.status !== undefined]),
    [
      ['idle', 'unknown', 0, 0, false],
      ['shop', 'failing', 3, 2, true],
    ],
  );
  const [, shop] = projects;
  assert.equal(shop.open_by_day.length, 30);
  assert.deepEqual(shop.open_by_day.slice(-2), [0, 3]);
  assert.deepEqual(
    shop.recipes.map((one: Json) => [one.recipe, one.status]),
    [
      ['build', 'failing'],
      ['lint', 'failing'],
    ],
  );
  assert.equal(shop.running + shop.queued, 1);
  assert.deepEqual((await of('/summary', stranger)).projects, []);
});

test('the summary and the inbox are those of an earlier moment when that is asked for', async () => {
  const [, shop] = (await of(`/summary?at=${earlier}`)).projects;
  assert.deepEqual([shop.open, shop.recipes[0].status, shop.running], [1, 'passing', 0]);
  assert.deepEqual((await of(`/inbox?at=${earlier}`)).items, []);
});

test('the inbox names what needs a person, the worst first, with the reason and the thing itself', async () => {
  const { items, total } = await of('/inbox');
  assert.equal(total, items.length);
  const build = items.find((one: Json) => one.kind === 'build');
  assert.deepEqual([build.project, build.title, build.entity], ['shop', 'build of shop fails', 'job']);
  assert.match(
    build.reason,
    /^it fails since commit [0-9a-f]{8}; commit [0-9a-f]{8} passed last, \d+ (second|minute|hour|day)s? before$/,
  );
  const finding = items.find((one: Json) => one.kind === 'finding');
  assert.deepEqual([finding.project, finding.severity, finding.entity], ['shop', 'error', 'project']);
  assert.ok(items.indexOf(build) < items.indexOf(finding));
  assert.deepEqual((await of('/inbox', stranger)).items, []);
});

test('tests that have failed since their first run are in the inbox, linters that always did are not', async () => {
  const commands = { test: 'exit 1', lint: 'cat report.json; exit 1' };
  await register(farm, 'young', { bearer: owner, commands });
  for (const recipe of ['test', 'lint'])
    await http.ended((await enqueue(farm, 'young', { recipe }, { bearer: owner })).job_id);
  const { items } = await of('/inbox');
  assert.deepEqual(
    items.filter((one: Json) => one.project === 'young').map((one: Json) => [one.kind, one.title]),
    [['test', 'test of young fails']],
  );
});

test('the command line shows the inbox, and findings by what the API searches for', async () => {
  const env = { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: owner };
  const inbox = await say(['inbox'], { env });
  assert.equal(inbox.code, 0, inbox.err);
  assert.match(
    inbox.out,
    /^build +shop +build of shop fails +it fails since commit \w{8}; commit \w{8} passed last, [^;]+ before +job \w+$/m,
  );
  const found = await say(['findings', '--path', 'b.', '--search', 'second', '--sort', 'severity', '--new'], { env });
  assert.match(found.out, /b\.js/);
  assert.ok(!found.out.includes('a.js'), found.out);
  assert.equal((await say(['findings', '--sort', 'best'], { env })).code, 2);
});

test('what stops the farm stands before what broke, and that before what waits for a word', () => {
  const item = { severity: null, project: null, title: '', reason: '', entity: null, id: null, count: 1 } as const;
  const order = inboxOrder([
    { ...item, kind: 'patch', since: '2026-01-02' },
    { ...item, kind: 'build', since: '2026-01-01' },
    { ...item, kind: 'build', since: '2026-01-03' },
    { ...item, kind: 'runner', since: null },
  ]);
  assert.deepEqual(
    order.map(({ kind, since }) => [kind, since]),
    [
      ['runner', null],
      ['build', '2026-01-03'],
      ['build', '2026-01-01'],
      ['patch', '2026-01-02'],
    ],
  );
});

test('the matrix of a project says of each recipe how it stands, how long it takes and what is open', async () => {
  const { cells } = await of('/projects/shop/matrix');
  const [build, audit, lint] = ['build', 'audit', 'lint'].map((name) => cells.find((one: Json) => one.recipe === name));
  assert.deepEqual([build.status, audit.status, lint.status], ['failing', 'never', 'failing']);
  assert.deepEqual([lint.open, lint.new_open], [2, 1]);
  assert.ok(build.last_green_job !== null && build.median_ms !== null && build.failing_since !== null);
  const then = (await of(`/projects/shop/matrix?at=${earlier}`)).cells;
  assert.equal(then.find((one: Json) => one.recipe === 'build').status, 'passing');
});

test('a job is compared with the last one of its recipe that passed, and with any other', async () => {
  const { cells } = await of('/projects/shop/matrix');
  const build = cells.find((one: Json) => one.recipe === 'build');
  const one = await of(`/jobs/${build.job_id}/compare`);
  assert.deepEqual(
    [one.before.job_id, one.before.status, one.job.status],
    [build.last_green_job, 'succeeded', 'failed'],
  );
  assert.deepEqual([one.appeared_count, one.gone_count, one.appeared[0].kind], [1, 0, 'recipe_fail']);
  const differs = Object.fromEntries(one.differs.map((fact: Json) => [fact.what, [fact.before, fact.now]]));
  assert.deepEqual(differs['exit code'], ['0', '3']);
  assert.notEqual(differs.commit[0], differs.commit[1]);
  const none = await http.get(`/jobs/${build.last_green_job}/compare`, { bearer: owner });
  assert.deepEqual([none.status, none.json.code], [404, 'no_green_job']);
  const back = await of(`/jobs/${build.last_green_job}/compare?with=${build.job_id}`);
  assert.deepEqual([back.appeared_count, back.gone_count], [0, 1]);
});

test('the time line marks releases by their tags', async () => {
  git(farm.repository, 'tag', 'v1.0');
  const { job_id } = await enqueue(farm, 'shop', { recipe: 'build', branch: 'refs/tags/v1.0' }, { bearer: owner });
  await http.ended(job_id);
  const { marks } = await of('/projects/shop/marks');
  assert.deepEqual(
    marks.filter((one: Json) => one.kind === 'release').map((one: Json) => [one.title, one.id]),
    [['v1.0', job_id]],
  );
});

test('a day is a spike when far more became open than on the others', () => {
  const calm = Array.from({ length: 20 }, (_, day) => ({ date: `2026-01-${day + 10}`, opened: day % 3 }));
  assert.deepEqual(spikesIn(calm), []);
  const loud = { date: '2026-02-01', opened: 40 };
  assert.deepEqual(spikesIn([...calm, loud]), [loud]);
  assert.deepEqual(spikesIn([loud]), []);
});
