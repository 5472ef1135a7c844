import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { enqueue, register } from './registered.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
const made: string[] = [];

before(async () => {
  // Nothing of it runs: a project may hold no job back, so these wait behind one that sleeps.
  await register(farm, 'many', { commands: { test: 'sleep 3000' }, concurrency: { max_running: 1 } });
  for (let count = 0; count < 7; count += 1) made.push((await enqueue(farm, 'many', { recipe: 'test' })).job_id);
});

/** Walks a list by its cursor; `between` happens after each page. */
async function walk(path: string, field: string, between: () => Promise<unknown> = async () => {}): Promise<Json[]> {
  const rows = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, json, text }: Json = await http.get(`${path}${cursor ? `&cursor=${cursor}` : ''}`);
    assert.equal(status, 200, text);
    rows.push(...json[field]);
    cursor = json.next_cursor;
    await between();
  }
  return rows;
}

test('pages hold every row once, newest first, while new rows arrive', async () => {
  const rows = await walk('/jobs?project=many&limit=2', 'jobs', () => enqueue(farm, 'many', { recipe: 'test' }));
  assert.deepEqual(
    rows.map(({ job_id }) => job_id),
    [...made].reverse(),
  );
});

test('projects are paged by name', async () => {
  for (const name of ['c', 'a', 'b']) await register(farm, name);
  const rows = await walk('/projects?limit=1', 'projects');
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['a', 'b', 'c', 'many'],
  );
});

test('a page that holds all there is has no cursor, and the usual length is 50', async () => {
  const all = await http.get('/jobs?project=many&status=queued&limit=500');
  assert.equal(all.json.next_cursor, null);
  await Promise.all(Array.from({ length: 45 }, () => enqueue(farm, 'many', { recipe: 'test' })));
  assert.equal((await http.get('/jobs')).json.jobs.length, 50);
});

test('an answer to a write is sent when reads hold it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { headers } = await http.get('/healthz');
    const { job_id } = await enqueue(farm, 'many', { recipe: 'test', priority: 'low' });
    const read = await http.get(`/jobs/${job_id}`);
    assert.equal(read.json.job.priority, 'low');
    assert.ok(Number(read.headers.get('x-crafting-seq')) > Number(headers.get('x-crafting-seq')));
    assert.equal((await http.get('/jobs?limit=1')).json.jobs[0].job_id, job_id);
  }
  const name = 'seen';
  await register(farm, name);
  assert.equal((await http.get(`/projects/${name}`)).status, 200);
  await http('DELETE', `/projects/${name}`);
  assert.equal((await http.get(`/projects/${name}`)).status, 404);
});

test('removing a project removes its jobs, the running one ends', async () => {
  await http('DELETE', '/projects/many');
  assert.equal((await http.get('/jobs?project=many')).status, 404);
  assert.equal((await http.get(`/jobs/${made[0]}`)).status, 404);
});
