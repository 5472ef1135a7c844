import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mostSeats } from '../../../services/api/live/seats.ts';
import { openFarm } from '../../support/farm.ts';
import { paced } from '../../support/pace.ts';
import { until } from '../../support/until.ts';
import { withDoor } from './door.ts';
import { exchange } from './raw-socket.ts';

const farm = await openFarm();
after(() => farm.close());

test('an address outside CRAFTING_LAN_CIDRS is answered by 403, with and without a bearer', async () => {
  await withDoor(farm, { env: { CRAFTING_LAN_CIDRS: '10.0.0.0/8' } }, async ({ http }) => {
    for (const path of ['/healthz', '/projects', '/docs', '/nothing']) {
      for (const bearer of [farm.admin, null]) {
        const { status, json } = await http.get(path, { bearer });
        assert.deepEqual([status, json.code], [403, 'lan_only'], path);
      }
    }
  });
});

test('too many requests of a token are a 429 that says when to come back; another token is still heard', async () => {
  const other = await farm.http.mint('other');
  await withDoor(farm, { env: { CRAFTING_RATE_LIMIT: '5' } }, async ({ http }) => {
    for (let left = 4; left >= 0; left -= 1) {
      const { status, headers } = await http.get('/projects');
      assert.equal(status, 200);
      assert.equal(headers.get('ratelimit-limit'), '5');
      assert.equal(headers.get('ratelimit-remaining'), String(left));
    }
    const { status, headers, json } = await http.get('/projects');
    assert.deepEqual([status, json.code], [429, 'rate_limited']);
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await http.get('/projects', { bearer: other })).status, 200);
  });
});

test('a flood without a bearer is limited by address, also on paths that do not exist', async () => {
  await withDoor(farm, { env: { CRAFTING_RATE_LIMIT: '4' } }, async ({ http }) => {
    const statuses = [];
    for (const path of ['/projects', '/nothing', '/jobs/x', '/projects', '/projects', '/nothing', '/healthz'])
      statuses.push((await http.get(path, { bearer: 'ct_guess' })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 429, 429, 429]);
    assert.equal((await http.get('/projects')).status, 200);
  });
});

test('a body over 1 MiB is a 413', async () => {
  const body = JSON.stringify({ name: 'x', git_url: 'x'.repeat(1024 * 1024) });
  const { status, json } = await farm.http.post('/projects', body);
  assert.deepEqual([status, json.code, json.ok], [413, 'too_large', false]);
});

test('a body, a header and a request line that never end are cut off with a 408', async () => {
  await withDoor(farm, { arrival: { wholeMs: paced(300), checkMs: 50 } }, async ({ url, http }) => {
    const head = `POST /projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${farm.admin}\r\n`;
    const answers = await Promise.all([
      exchange(url, `${head}Transfer-Encoding: chunked\r\n\r\n`, { drip: '1\r\n \r\n' }),
      exchange(url, head, { drip: 'X-More: 1\r\n' }),
      exchange(url, 'GET /', { drip: 'a' }),
    ]);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    assert.equal((await http.get('/healthz')).status, 200);
  });
});

test('a token has a number of followers at once; one more is a 429, and one that leaves makes room', async () => {
  await withDoor(farm, {}, async ({ url, http }) => {
    const bearer = await farm.http.mint('follower');
    const follow = async (by: string) => {
      const stop = new AbortController();
      const headers = { authorization: `Bearer ${by}` };
      const response = await fetch(`${url}/events?follow=1&from=now`, { headers, signal: stop.signal });
      // Held as a whole: the body of one that is collected is given up, and its place is free.
      return { status: response.status, leave: () => stop.abort(), response };
    };
    const all = await Promise.all(Array.from({ length: mostSeats.follower.token }, () => follow(bearer)));
    assert.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
    const refused = await http.get('/events?follow=1&from=now', { bearer });
    assert.deepEqual([refused.status, refused.json.code], [429, 'too_many_followers']);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    const other = await follow(farm.admin);
    assert.equal(other.status, 200, 'another token is still heard');
    all[0]?.leave();
    const again = await until(async () => {
      const one = await follow(bearer);
      return one.status === 200 ? one : null;
    });
    for (const one of [...all, other, again]) one.leave();
  });
});
