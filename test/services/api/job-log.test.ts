import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { enqueue, register } from './registered.ts';
import { eventsOf, linesOf } from './server-sent.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
let id = '';
const log = (query = '', headers: Record<string, string> = {}) => http.get(`/jobs/${id}/log${query}`, { headers });

before(async () => {
  await register(farm, 'p', { commands: { test: 'echo one; echo two >&2; echo three; echo four; echo five' } });
  id = (await enqueue(farm, 'p', { recipe: 'test' })).job_id;
  await http.ended(id);
});

test('the whole log is text of a known length', async () => {
  const { status, text, headers } = await log();
  assert.equal(status, 200);
  assert.deepEqual(text.trim().split('\n').sort(), ['five', 'four', 'one', 'three', 'two']);
  assert.match(headers.get('content-type') ?? '', /^text\/plain/);
  assert.equal(headers.get('content-length'), String(text.length));
  assert.equal(headers.get('accept-ranges'), 'bytes');
});

test('one pipe alone is given when asked for', async () => {
  assert.equal((await log('?stream=stderr')).text, 'two\n');
  assert.equal((await log('?stream=stdout')).text, 'one\nthree\nfour\nfive\n');
  assert.equal((await log('?stream=stdin')).status, 400);
});

test('a range gives those bytes, one past the end a 416 that says the length, one that is none the whole', async () => {
  const { text } = await log();
  const total = text.length;
  for (const [range, from, to] of [
    ['bytes=0-3', 0, 3],
    ['bytes=4-', 4, total - 1],
    ['bytes=-5', total - 5, total - 1],
    ['bytes=2-9999', 2, total - 1],
    [`bytes=-9999`, 0, total - 1],
  ] as const) {
    const answer = await log('', { range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.text, text.slice(from, to + 1));
    assert.equal(answer.headers.get('content-range'), `bytes ${from}-${to}/${total}`);
  }
  for (const range of [`bytes=${total}-`, 'bytes=9999-10000', 'bytes=-0']) {
    const answer = await log('', { range });
    assert.deepEqual([answer.status, answer.json.code], [416, 'range_not_satisfiable'], range);
    assert.equal(answer.headers.get('content-range'), `bytes */${total}`);
  }
  for (const range of ['bytes=3-1', 'lines=0-1', 'bytes=0-1,3-4', 'bytes=-', 'bytes=a-b'])
    assert.equal((await log('', { range })).text, text);
});

test('the tail is the last lines', async () => {
  const lines = (await log()).text.trim().split('\n');
  assert.equal((await log('?tail=2')).text, `${lines.slice(-2).join('\n')}\n`);
  assert.equal((await log('?tail=100000')).text, `${lines.join('\n')}\n`);
  assert.equal((await log('?tail=0')).status, 400);
});

for (const accept of ['text/plain', 'text/event-stream']) {
  test(`a live log as ${accept} shows a line before the job ends`, async () => {
    // The job ends only when the reader, having seen its line, cancels it.
    await register(farm, accept.replace('/', '-'), { commands: { test: 'echo first; sleep 3000' } });
    const job = await enqueue(farm, accept.replace('/', '-'), { recipe: 'test' });
    const headers = { accept, authorization: `Bearer ${farm.admin}` };
    const response = await fetch(`${farm.url}/jobs/${job.job_id}/log?follow=1`, { headers });
    assert.match(response.headers.get('content-type') ?? '', new RegExp(`^${accept}`));
    let text = '';
    let cancelled = false;
    for await (const chunk of linesOf(response)) {
      text += `${chunk}\n`;
      if (!cancelled && text.includes('first')) {
        cancelled = true;
        assert.equal((await http.post(`/jobs/${job.job_id}/cancel`)).status, 202);
      }
    }
    assert.ok(cancelled);
    if (accept === 'text/event-stream') {
      const events = eventsOf(text);
      assert.deepEqual([events[0]?.event, events[0]?.data], ['stdout', 'first\n']);
      assert.deepEqual(events.at(-1), { event: 'end', data: '{"status":"cancelled","exit_code":null}' });
    } else assert.equal(text, (await http.get(`/jobs/${job.job_id}/log`)).text);
  });
}

test('a live log goes on after the last piece that was seen', async () => {
  const headers = { accept: 'text/event-stream' };
  const events = eventsOf((await log('?follow=1', headers)).text);
  const resumed = eventsOf((await log('?follow=1', { ...headers, 'last-event-id': events[0]?.id ?? '' })).text);
  assert.deepEqual(resumed, events.slice(1));
});

test('a log of 20 MB is sent whole, live as well, and takes little memory', async () => {
  await register(farm, 'big', {
    commands: { test: 'yes 0123456789012345678901234567890123456789 | head -c 20971520' },
  });
  const { job_id } = await enqueue(farm, 'big', { recipe: 'test' });
  await http.ended(job_id);
  let most = 0;
  const start = process.memoryUsage().rss;
  for (const query of ['', '?follow=1', '?stream=stdout']) {
    const response = await fetch(`${farm.url}/jobs/${job_id}/log${query}`, {
      headers: { authorization: `Bearer ${farm.admin}` },
    });
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length;
      most = Math.max(most, process.memoryUsage().rss);
    }
    assert.equal(bytes, 20 * 1024 * 1024, query);
  }
  assert.ok(most - start < 150e6, `${Math.round((most - start) / 1e6)} MB more`);
  assert.equal((await http.get(`/jobs/${job_id}`)).json.log_tail.length, 200);
  assert.equal((await http.get(`/jobs/${job_id}/log`, { headers: { range: 'bytes=-41' } })).text.length, 41);
});

test('an endless line is cut in the tail of a job', async () => {
  await register(farm, 'endless', { commands: { test: 'head -c 20971520 /dev/zero | tr "\\0" x' } });
  const { job_id } = await enqueue(farm, 'endless', { recipe: 'test' });
  await http.ended(job_id);
  const { log_tail } = (await http.get(`/jobs/${job_id}`)).json;
  assert.equal(log_tail.length, 1);
  assert.ok(log_tail[0].length < 3000);
});

test('a live log ends when the bearer that reads it is revoked', async () => {
  const bearer = await http.mint('reader');
  await register(farm, 'guarded', { bearer, commands: { test: 'echo up; sleep 3000' } });
  const job = await enqueue(farm, 'guarded', { recipe: 'test' }, { bearer });
  const response = await fetch(`${farm.url}/jobs/${job.job_id}/log?follow=1`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const line of linesOf(response)) {
      seen.push(line);
      await http('DELETE', '/admin/tokens/reader');
    }
  });
  assert.deepEqual(seen, ['up']);
});

test('a log that has expired is a 404 that says so, and its job can still be read', async () => {
  await farm.store.nats.jsm.streams.purge('CT_LOGS');
  const { status, json } = await log();
  assert.deepEqual([status, json.code], [404, 'log_expired']);
  assert.equal((await http.get(`/jobs/${id}`)).status, 200);
  assert.equal((await log('?follow=1')).status, 404);
});
