import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { enqueue, register } from './registered.ts';

const messages = (file: string, count: number) => ({
  filePath: file,
  messages: Array.from({ length: count }, (_, at) => ({
    ruleId: at % 2 === 0 ? 'no-undef' : 'no-var',
    severity: at % 2 === 0 ? 2 : 1,
    message: `thing ${at} of ${file}`,
    line: at + 1,
    column: 1,
  })),
  errorCount: 1,
  warningCount: 0,
  fatalErrorCount: 0,
});
const source = Array.from({ length: 40 }, (_, at) => `line ${at + 1}`).join('\n');
const farm = await openFarm({
  files: {
    'report.json': JSON.stringify([messages('src/a.js', 6), messages('lib/b.js', 4)]),
    'src/a.js': `${source}\nconst token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"\n`,
    'lib/b.js': source,
    '.github/CODEOWNERS': '* @all\n/lib/ @lib\n',
    'image.bin': 'a\0b',
  },
});
after(() => farm.close());
const { http } = farm;
let owner = '';
let stranger = '';
let sha = '';
let first = 0;

before(async () => {
  [owner, stranger] = [await http.mint('owner'), await http.mint('stranger')];
  await register(farm, 'shop', {
    bearer: owner,
    commands: { lint: 'cat report.json; exit 1' },
    deadlines: { error: 1 },
  });
  const { job_id } = await enqueue(farm, 'shop', { recipe: 'lint' }, { bearer: owner });
  sha = (await http.ended(job_id)).sha;
  first = (await http.get('/findings?path=src/&sort=oldest&limit=1')).json.findings[0].id;
});

const list = async (query: string, bearer = owner): Promise<Json> => {
  const { status, json, text } = await http.get(`/findings${query}`, { bearer });
  assert.equal(status, 200, text);
  return json;
};
const bulk = (body: Json, bearer = owner) => http.post('/findings/bulk', body, { bearer });

test('findings are filtered, sorted and counted by facets in one request', async () => {
  const { findings, total, facets } = await list(
    '?state=open&facets=severity,rule,project,state&path=src/&sort=file&limit=2',
  );
  assert.deepEqual([findings.length, total], [2, 6]);
  assert.deepEqual(facets.severity, [
    { value: 'error', count: 3 },
    { value: 'warn', count: 3 },
  ]);
  assert.deepEqual(facets.rule[0], { value: 'no-undef', count: 3 });
  assert.deepEqual(facets.state, [{ value: 'open', count: 6 }]);
  const narrowed = await list('?severity=error,critical&facets=severity');
  assert.equal(narrowed.total, 5);
  assert.equal(narrowed.facets.severity.length, 2);
  for (const [query, count] of [
    ['?q=thing%201%20lib', 1],
    ['?rule=no-var&rule=other', 5],
    ['?tool=eslint', 10],
    ['?tool=ruff', 0],
    ['?younger_than=1', 10],
    ['?older_than=1', 0],
    ['?older_than=0', 10],
    ['?new=1', 0],
    ['?patchable=1', 0],
    ['?overdue=1', 0],
    ['?new_since=0', 10],
    ['?assignee=none', 10],
    ['?owner=%40lib&project=shop', 4],
    ['?owner=%40all&project=shop', 6],
    ['?q=%25', 0],
  ] as const)
    assert.equal((await list(query)).findings.length, count, query);
  assert.deepEqual((await list('?facets=project', stranger)).total, 0);
});

test('a page after the other holds every finding once, whatever the order', async () => {
  for (const sort of ['newest', 'oldest', 'severity', 'last_seen', 'file']) {
    const ids: number[] = [];
    for (let cursor = ''; ; ) {
      const page: Json = await list(`?sort=${sort}&limit=3${cursor && `&cursor=${cursor}`}`);
      ids.push(...page.findings.map((one: Json) => one.id));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    assert.deepEqual([ids.length, new Set(ids).size], [10, 10], sort);
  }
});

test('what is no filter is refused with the words that there are', async () => {
  for (const query of [
    '?severity=bad',
    '?sort=best',
    '?facets=colour',
    '?owner=%40lib',
    '?new_since=tomorrow',
    '?cursor=%22x%22&sort=file',
  ]) {
    const { status, json } = await http.get(`/findings${query}`, { bearer: owner });
    assert.deepEqual([status, typeof json.detail], [400, 'string'], query);
  }
});

test('many findings are suppressed at once, seen before, and taken back at once', async () => {
  const filter = { severity: 'warn', state: 'open' };
  const order = { action: 'suppress', filter, reason: 'generated code', until: null };
  const preview = (await bulk({ ...order, dry_run: true })).json;
  assert.deepEqual([preview.batch, preview.matched, preview.changed, preview.by_severity], [null, 5, 5, { warn: 5 }]);
  assert.equal((await list('?state=open&facets=severity')).total, 10);
  const done = (await bulk(order)).json;
  assert.deepEqual([done.changed, done.sample[0].state], [5, 'suppressed']);
  assert.deepEqual((await list('?state=suppressed')).findings.length, 5);
  assert.equal((await list(`?batch=${done.batch}`)).findings.length, 5);
  const { history } = (await http.get(`/findings/${done.sample[0].id}`)).json;
  assert.deepEqual(history.at(-1).type, 'FindingSuppressed');
  // One of them was decided anew since: it is left alone.
  const alone = done.sample[1].id;
  await http.post(`/findings/${alone}/unsuppress`, undefined, { bearer: owner });
  await http.post(`/findings/${alone}/suppress`, { reason: 'mine' }, { bearer: owner });
  const undone = await http.post(`/findings/bulk/${done.batch}/undo`, undefined, { bearer: owner });
  assert.deepEqual([undone.json.matched, undone.json.changed], [4, 4], undone.text);
  assert.deepEqual(
    (await list('?state=suppressed')).findings.map((one: Json) => one.id),
    [alone],
  );
  const twice = await http.post(`/findings/bulk/${done.batch}/undo`, undefined, { bearer: owner });
  assert.equal(twice.status, 404);
  const back = (await bulk({ action: 'unsuppress', ids: [alone] })).json;
  await http.post(`/findings/bulk/${back.batch}/undo`, undefined, { bearer: owner });
  assert.equal((await list('?state=suppressed')).findings[0].suppression.reason, 'mine');
  await bulk({ action: 'unsuppress', ids: [alone] });
});

test('findings are assigned, found by whom, and given back', async () => {
  const done = (await bulk({ action: 'assign', assignee: 'ann', filter: { path: 'lib/' } })).json;
  assert.deepEqual([done.changed, done.sample[0].assignment.to], [4, 'ann']);
  assert.deepEqual((await list('?facets=assignee')).facets.assignee, [
    { value: null, count: 6 },
    { value: 'ann', count: 4 },
  ]);
  const one = await http.post(`/findings/${first}/assign`, { assignee: 'me' }, { bearer: owner });
  assert.equal(one.json.finding.assignment.to, 'owner');
  assert.equal((await list('?assignee=me')).findings.length, 1);
  await http.post(`/findings/${first}/assign`, { assignee: null }, { bearer: owner });
  const undone = await http.post(`/findings/bulk/${done.batch}/undo`, undefined, { bearer: owner });
  assert.equal(undone.json.changed, 4);
  assert.equal((await list('?assignee=none')).findings.length, 10);
});

test('nobody changes many findings of another team, by id or by a filter', async () => {
  for (const body of [
    { action: 'assign', assignee: 'x', ids: [first] },
    { action: 'assign', assignee: 'x', filter: {} },
    { action: 'assign', assignee: 'x', filter: { project: 'shop' } },
  ]) {
    const { status, json } = await bulk(body, stranger);
    assert.deepEqual([status, json.matched, json.changed], [200, 0, 0]);
  }
  for (const body of [
    { action: 'suppress', ids: [first] },
    { action: 'assign', ids: [first] },
    { action: 'unsuppress' },
  ])
    assert.equal((await bulk(body)).status, 400, JSON.stringify(body));
});

test('the same request over many is done once', async () => {
  const headers = { 'idempotency-key': 'triage-1' };
  const body = { action: 'assign', assignee: 'bob', ids: [first] };
  const [a, b] = [
    await http.post('/findings/bulk', body, { headers }),
    await http.post('/findings/bulk', body, { headers }),
  ];
  assert.equal(a.json.batch, b.json.batch);
  await http.post(`/findings/${first}/assign`, { assignee: null });
});

test('the source around a finding is given at its commit, in part, and without the tokens that stand there', async () => {
  const get = async (query: string, bearer = owner) => http.get(`/projects/shop/source?${query}`, { bearer });
  const { json } = await get(`path=src/a.js&sha=${sha}&from=3&to=5`);
  assert.deepEqual([json.lines, json.from, json.to, json.total_lines], [['line 3', 'line 4', 'line 5'], 3, 5, 41]);
  assert.equal((await get('path=src/a.js&from=41')).json.lines[0], 'const token = "[redacted]"');
  assert.deepEqual((await get('path=src/a.js&from=99')).json.lines, []);
  assert.match((await get('path=src/a.js&from=5&to=2')).json.detail, /querystring\/to: expected 5 .*found 2/);
  for (const path of ['../etc/passwd', '/etc/passwd', 'src', 'none.js', '.git/config', 'a%00b'])
    assert.equal((await get(`path=${path}`)).status, 404, path);
  assert.equal((await get(`path=src/a.js&sha=${'0'.repeat(40)}`)).status, 404);
  assert.equal((await get('path=image.bin')).json.code, 'no_text');
  assert.equal((await get('path=src/a.js', stranger)).status, 404);
  const around = await http.get(`/findings/${first}/source?context=1`, { bearer: owner });
  assert.deepEqual([around.json.from, around.json.lines, around.json.sha], [1, ['line 1', 'line 2'], sha]);
  const whose = (await http.get(`/findings/${first}/owners`, { bearer: owner })).json;
  assert.equal(whose.codeowners.file, '.github/CODEOWNERS');
  assert.deepEqual(
    whose.authors.map((one: Json) => [one.wrote_line, one.lines > 0, typeof one.name]),
    [[true, true, 'string']],
  );
  const { owners, file } = (await http.get('/projects/shop/owners?path=lib/b.js&path=x', { bearer: owner })).json;
  assert.equal(file, '.github/CODEOWNERS');
  assert.deepEqual(
    owners.map((one: Json) => [one.owners, one.line]),
    [
      [['@lib'], 2],
      [['@all'], 1],
    ],
  );
});
