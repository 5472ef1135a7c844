import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rebuild } from '../../../services/cli/offline/rebuild.ts';
import { openFarm } from '../../support/farm.ts';
import { commitFiles } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { enqueue, eslintReport, register } from '../api/registered.ts';

const farm = await openFarm({ files: { 'report.json': eslintReport('a.js', "'x' is not defined") } });
after(() => farm.close());
const { http } = farm;

const lint = { lint: 'cat report.json; exit 1 # eslint -f json' };
/** The end of the log at the moments that are looked at later, with what was answered then. */
const moments: { seq: number; time: string; answers: Map<string, string> }[] = [];
let owner = '';
let other = '';
let jobId = '';
let findingId = 0;

const paths = () => [
  '/projects',
  '/projects/shop',
  '/findings',
  '/findings?project=shop&state=open',
  `/findings/${findingId}`,
  '/jobs',
  '/jobs?project=shop&limit=1',
  `/jobs/${jobId}`,
  '/patches',
  '/projects/shop/findings.sarif',
];
/** Whether a patch can be drafted is asked of the farm of now alone: of an earlier moment it is null. */
const plain = (text: string) => text.replace(/"request_id":"[^"]*"/, '').replace(/"patching":(?:null|\{[^}]*\})/, '');
const end = () => farm.store.log.end();

async function moment(): Promise<void> {
  const seq = await end();
  const answers = new Map<string, string>();
  for (const path of paths()) {
    const { status, text } = await http.get(path, { bearer: owner });
    answers.set(path, `${status} ${plain(text)}`);
  }
  assert.equal(await end(), seq);
  moments.push({ seq, time: new Date().toISOString(), answers });
}

const at = (path: string, when: string | number) => `${path}${path.includes('?') ? '&' : '?'}at=${when}`;

before(async () => {
  [owner, other] = [await http.mint('owner'), await http.mint('other')];
  await register(farm, 'shop', { bearer: owner, commands: lint });
  jobId = (await enqueue(farm, 'shop', { recipe: 'lint' }, { bearer: owner })).job_id;
  await http.ended(jobId);
  findingId = (await http.get(`/jobs/${jobId}/findings`)).json.findings[0].id;
  await moment();
  await http.post(`/findings/${findingId}/suppress`, { reason: 'known' }, { bearer: owner });
  const { project } = (await http.get('/projects/shop')).json;
  await http('PUT', '/projects/shop', { bearer: owner, body: { ...project, default_branch: 'next' } });
  await moment();
  commitFiles(farm.repository, { 'report.json': '[]' });
  const second = await enqueue(farm, 'shop', { recipe: 'lint' }, { bearer: owner });
  await http.ended(second.job_id);
  await moment();
});

test('what is asked for an earlier moment is answered as it was then, by sequence and by time', async () => {
  for (const { seq, time, answers } of moments) {
    for (const when of [seq, time])
      for (const [path, then] of answers) {
        const { status, text, headers } = await http.get(at(path, when), { bearer: owner });
        assert.equal(`${status} ${plain(text)}`, then, `${path} at ${when}`);
        assert.equal(headers.get('x-crafting-seq'), String(seq), `${path} at ${when}`);
      }
  }
});

test('a job is shown as it was while it ran, without the log that it wrote later', async () => {
  const { text } = await http.get(`/events?project=shop&entity=job`);
  const started = text.split('\n').find((line) => line.includes('"RecipeStarted"'));
  const { job, log_tail } = (await http.get(at(`/jobs/${jobId}`, JSON.parse(started ?? '').seq))).json;
  assert.deepEqual([job.status, job.exit_code, log_tail], ['running', null, []]);
  assert.equal((await http.get(at(`/jobs/${jobId}`, 2))).status, 404);
});

test('a moment that has not come is now, and what is none is refused in a sentence', async () => {
  const ahead = await http.get(at('/jobs', 999_999), { bearer: owner });
  assert.equal(plain(ahead.text), plain((await http.get('/jobs', { bearer: owner })).text));
  for (const when of ['yesterday', '-1', '1.5', '%00']) {
    const { status, json } = await http.get(at('/findings', when), { bearer: owner });
    assert.equal(status, 400, when);
    assert.match(json.detail, /Expected a sequence of the log or an ISO 8601 time/);
  }
});

test('a difference names what changed, what it was and is, and the events that made it so', async () => {
  const [first, second, third] = moments.map(({ seq }) => seq);
  const { json } = await http.get(`/diff?from=${first}&to=${second}`, { bearer: owner });
  assert.deepEqual([json.from, json.to, json.next_cursor], [first, second, null]);
  const suppression = { by: 'owner', reason: 'known', until: null };
  assert.deepEqual(
    json.changes.map(({ events, ...change }: Json) => ({
      ...change,
      events: events.map(({ type, by }: Json) => [type, by]),
    })),
    [
      {
        entity: 'finding',
        id: String(findingId),
        project: 'shop',
        change: 'changed',
        before: { state: 'open', suppression: null },
        after: { state: 'suppressed', suppression },
        events: [['FindingSuppressed', 'owner']],
        more_events: 0,
      },
      {
        entity: 'project',
        id: 'shop',
        project: 'shop',
        change: 'changed',
        before: { default_branch: 'main' },
        after: { default_branch: 'next' },
        events: [['ProjectUpdated', undefined]],
        more_events: 0,
      },
    ],
  );
  const all = (await http.get(`/diff?from=0&to=${third}`, { bearer: owner })).json.changes;
  const shapes = all.map(({ entity, change, events }: Json) => [entity, change, events.at(-1).type]);
  assert.deepEqual(shapes, [
    ['project', 'added', 'ProjectUpdated'],
    ['job', 'added', 'FindingsParsed'],
    ['finding', 'added', 'FindingSuppressed'],
    // Its branch is not there: that is no defect of the code, and opens no finding.
    ['job', 'added', 'FindingsParsed'],
  ]);
  const jobs = (await http.get(`/diff?from=0&entity=job&project=shop`, { bearer: owner })).json.changes;
  assert.deepEqual(
    jobs.map(({ entity }: Json) => entity),
    ['job', 'job'],
  );
});

test('a difference comes page by page, each page up to the same event', async () => {
  const whole = (await http.get('/diff?from=0', { bearer: owner })).json;
  const found: Json[] = [];
  let cursor = '';
  do {
    const { json } = await http.get(`/diff?from=0&limit=1${cursor && `&cursor=${cursor}`}`, { bearer: owner });
    found.push(...json.changes);
    assert.equal(json.to, whole.to);
    if (cursor === '') await http.mint('meanwhile');
    cursor = json.next_cursor ?? '';
  } while (cursor !== '');
  assert.deepEqual(found, whole.changes);
  for (const [query, sentence] of [
    ['from=9&to=3', /from \(event 9\) lies after to \(event 3\)/],
    ['from=x', /Expected a sequence/],
    ['from=0&cursor=x', /cursor is not one/],
  ] as const) {
    const { status, json } = await http.get(`/diff?${query}`, { bearer: owner });
    assert.equal(status, 400, query);
    assert.match(json.detail, sentence);
  }
});

test('a job is explained by the schedule that asked for it, and a run of it by hand by the run before', async () => {
  const schedule = { lint: '02:00' };
  await register(farm, 'timed', { bearer: owner, commands: lint, schedule });
  const asked = await http.post('/schedules/timed/lint/run', {}, { bearer: owner });
  assert.equal(asked.status, 202, asked.text);
  const [id] = await until(async () => {
    const { jobs } = (await http.get('/jobs?project=timed', { bearer: owner })).json;
    return jobs.length === 1 && [jobs[0].job_id];
  });
  await http.ended(id);
  const again = (await http.post(`/jobs/${id}/rerun`, {}, { bearer: owner })).json.job_id;
  await http.ended(again);
  const { chain } = (await http.get(`/jobs/${again}/explain`, { bearer: owner })).json;
  const link = (type: string, job?: string) =>
    chain.find((one: Json) => one.type === type && (!job || one.job_id === job));
  const fired = link('ScheduleFired');
  assert.deepEqual([fired.by, fired.cause_seq, fired.depth], ['owner', null, 0]);
  assert.match(fired.says, /^The schedule of lint was used for .*: it was asked for; it asks for 1 job/);
  assert.equal(link('JobEnqueued', id).cause_seq, fired.seq);
  assert.equal(link('JobEnqueued', again).cause_seq, link('FindingsParsed', id).seq);
});

test('the command rebuilds twice beside the running service, shows how far it is, and says that both are equal', async () => {
  const printed: string[] = [];
  const shown: string[] = [];
  const env = { CRAFTING_DATA_DIR: farm.dataDir };
  const print = (line: string) => void printed.push(line);
  const place = { isTerminal: true, write: (text: string) => void shown.push(text) };
  assert.equal(await rebuild(env, { json: false, verify: true }, print, place), 0, printed.join('\n'));
  assert.match(printed[0] ?? '', /^rebuilt \d+ events twice in /);
  assert.deepEqual(printed.slice(-2), [
    'both replays gave the same tables',
    'the rebuilt read model equals the one it replaces',
  ]);
  for (const text of shown.slice(0, -1)) assert.match(text, /\[#*\.*\] +\d+ %/);
  printed.length = 0;
  assert.equal(await rebuild(env, { json: true }, print, place), 0);
  const { equal, switched, differs } = JSON.parse(printed.join(''));
  assert.deepEqual([equal, switched, differs], [true, true, []]);
});

test('the past of a name is its owner’s of then, and nobody’s once the name is somebody else’s', async () => {
  const then = moments[1]?.seq ?? 0;
  const look = async (bearer: string) => {
    const one = await http.get(at('/projects/shop', then), { bearer });
    const lists = ['/projects', '/jobs', '/findings'].map(
      async (path) => (await http.get(at(path, then), { bearer })).json,
    );
    const [projects, jobs, findings] = await Promise.all(lists);
    const details = [`/jobs/${jobId}`, `/findings/${findingId}`, '/projects/shop/findings.sarif'].map(
      async (path) => (await http.get(at(path, then), { bearer })).status,
    );
    const diff = (await http.get(`/diff?from=0&to=${then}`, { bearer })).json.changes;
    return {
      status: one.status,
      counts: [projects.projects.length, jobs.jobs.length, findings.findings.length, diff.length],
      details: await Promise.all(details),
    };
  };
  const all = { status: 200, counts: [1, 1, 1, 3], details: [200, 200, 200] };
  const none = { status: 404, counts: [0, 0, 0, 0], details: [404, 404, 404] };
  assert.deepEqual(await look(owner), all);
  assert.deepEqual(await look(other), none);
  await http('DELETE', '/projects/shop', { bearer: owner });
  assert.deepEqual(await look(owner), all, 'the name is free');
  const gone = (await http.get(`/diff?from=${then}&project=shop`, { bearer: owner })).json.changes;
  assert.deepEqual(
    gone.map(({ entity, change, events }: Json) => [entity, change, events.at(-1).type]),
    ['finding', 'job', 'project'].map((entity) => [entity, 'removed', 'ProjectRemoved']),
  );
  await register(farm, 'shop', { bearer: other });
  assert.deepEqual(await look(owner), none, 'the name is taken');
  assert.deepEqual(await look(other), none);
  assert.deepEqual((await look(farm.admin)).details, [200, 200, 200]);
  const taken = (await http.get(`/diff?from=${then}`, { bearer: other })).json.changes;
  assert.deepEqual(
    taken.map(({ entity, change, events }: Json) => [entity, change, events.map(({ type }: Json) => type)]),
    [['project', 'added', ['ProjectRegistered']]],
  );
});
