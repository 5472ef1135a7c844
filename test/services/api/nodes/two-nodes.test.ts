import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { silent } from '../../../../services/io/log.ts';
import { type Farm, start } from '../../../../services/start.ts';
import { testConfig } from '../../../support/farm.ts';
import { inTempDir } from '../../../support/farm-parts.ts';
import { makeRepository } from '../../../support/git-repository.ts';
import { type Asking, type Http, httpAt } from '../../../support/http.ts';
import { withSharedNats } from '../../../support/shared-nats.ts';
import { until } from '../../../support/until.ts';
import { eventsOf } from '../server-sent.ts';

const secret = { CRAFTING_SECRET_KEY: 'ab'.repeat(32) };
const report =
  '{"filename":"a.py","code":"F401","message":"unused","location":{"row":1,"column":1},"end_location":{"row":1,"column":2},"fix":null,"url":null,"noqa_row":1}';

/** Nodes behind a load balancer that asks the next one each time. */
type Nodes = {
  readonly all: readonly Http[];
  readonly farms: readonly Farm[];
  readonly http: Http;
  readonly dir: string;
  readonly url: string;
};

let nodes: Nodes;
let leave: () => void = () => {};
let left: Promise<unknown>;

/** Two processes of one host that answer, one of another host, and on that host the one that reads and runs. */
before(async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Nodes>();
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  leave = finish;
  left = withSharedNats((url) =>
    inTempDir(async (dir) => {
      const farms: Farm[] = [];
      const join2 = async (host: string, roles: string) => {
        const env = {
          ...secret,
          CRAFTING_NATS_URL: url,
          CRAFTING_DATA_DIR: join(dir, host),
          CRAFTING_ROLES: roles,
          CRAFTING_NATS_ALLOW_OLD: '1',
        };
        const farm = await start(testConfig(dir, env), silent, { findLabels: async () => [] });
        farms.push(farm);
        return farm;
      };
      try {
        const first = await join2('one', 'api,projector,scheduler');
        await join2('one', 'api');
        await join2('two', 'parser,runner');
        await join2('two', 'api');
        const admin = readFileSync(first.adminBearerFile ?? '', 'utf8').trim();
        const all = farms.flatMap(({ url: at }) => (at === null ? [] : [httpAt(at, admin)]));
        resolve({ all, farms, http: inTurn(all), dir, url });
        await over;
      } finally {
        for (const one of farms.reverse()) await one.close();
      }
    }),
  );
  left.catch(reject);
  nodes = await promise;
});
after(async () => {
  leave();
  await left;
});

function inTurn(all: readonly Http[]): Http {
  let at = 0;
  const next = () => all[at++ % all.length] as Http;
  const ask = (method: string, path: string, asking?: Asking) => next()(method, path, asking);
  return Object.assign(ask, {
    get: (path: string, asking?: Asking) => ask('GET', path, asking),
    post: (path: string, body?: unknown, asking?: Asking) => ask('POST', path, { ...asking, body }),
    mint: (name: string, more?: Record<string, unknown>) => next().mint(name, more),
    ended: (jobId: string, asking?: Asking) => next().ended(jobId, asking),
  });
}

/** The same question to each node: what they answer beside what differs by nature. */
async function fromEach(path: string, pick: (json: { [key: string]: unknown }) => unknown, asking?: Asking) {
  const answers = [];
  for (const http of nodes.all) {
    const { status, json, text } = await http.get(path, asking);
    assert.ok(status < 300, `${path}: ${status} ${text}`);
    answers.push(pick(json));
  }
  return answers;
}

const same = (answers: readonly unknown[], what: string) => {
  for (const one of answers) assert.deepEqual(one, answers[0], what);
  return answers[0];
};

describe('several processes that answer, behind a load balancer', () => {
  it('know at once what another one was told, and each can answer everything', async () => {
    const { http } = nodes;
    const git_url = makeRepository(join(nodes.dir, 'repository'), { 'a.py': 'import os\n' });
    const bearer = await http.mint('ann');
    const as = { bearer };
    for (let round = 0; round < 12; round += 1) {
      const name = `p${round}`;
      const made = await http.post(
        '/projects',
        { name, git_url, subprojects: [{ path: '.', language: 'python', lint: `echo '[${report}]'; exit 1` }] },
        as,
      );
      assert.equal(made.status, 201, made.text);
      assert.equal((await http.get(`/projects/${name}`, as)).status, 200, `${name} at the next one`);
      assert.equal((await http('DELETE', `/projects/${name}`, as)).status, 200);
      assert.equal((await http.get(`/projects/${name}`, as)).status, 404, `${name} is gone at the next one`);
    }
    await http.post(
      '/projects',
      { name: 'p', git_url, subprojects: [{ path: '.', language: 'python', lint: `echo '[${report}]'; exit 1` }] },
      as,
    );
    const ask = () =>
      http.post('/projects/p/jobs', { recipe: 'lint' }, { ...as, headers: { 'idempotency-key': 'once' } });
    const [one, again] = [await ask(), await ask()];
    assert.equal(one.status, 202, one.text);
    assert.equal(again.json.job_id, one.json.job_id);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    const id = one.json.job_id as string;
    assert.equal((await http.ended(id, as)).exit_code, 1);
    same(await fromEach(`/jobs/${id}`, (json) => json, as), 'a job');
    same(await fromEach(`/jobs/${id}/findings`, (json) => json, as), 'its findings');
    const log = [];
    for (const node of nodes.all) log.push((await node.get(`/jobs/${id}/log`, as)).text);
    assert.match(String(same(log, 'its log')), /F401/);
    same(await fromEach('/status', ({ runners, slots }) => ({ runners, slots })), 'the status');
    const [status] = await fromEach('/status', ({ projectors }) => projectors);
    const writers = status as { stands_in: boolean; seq: number; behind: number; stopped: string | null }[];
    assert.deepEqual(
      writers.map(({ stands_in, stopped }) => [stands_in, stopped]).sort(),
      [
        [false, null],
        [true, null],
      ],
      'one writes on each host; on the second one it stands in',
    );
    assert.match((await http.get('/metrics')).text, /crafting_projector_lag_events\{host="[^"]+"\} \d+/);
    const runner = same(await fromEach('/healthz', (json) => json.runner), 'what runners do') as { runners: number };
    assert.equal(runner.runners, 1);
    await fromEach('/readyz', ({ ok }) => assert.equal(ok, true));
    await fromEach('/metrics', () => null);
    const reads = [];
    for (const node of nodes.all) {
      const dry = await node.post('/projects/p/reparse', { dry_run: true }, as);
      assert.equal(dry.status, 200, dry.text);
      reads.push(dry.json.jobs);
    }
    assert.deepEqual(same(reads, 'a reading that changes nothing'), [{ job_id: id, findings: 1, appear: [], go: [] }]);
    for (const node of nodes.all) {
      const rebuilt = await node.post('/admin/rebuild');
      assert.deepEqual([rebuilt.status, rebuilt.json.equal], [200, true], rebuilt.text);
    }
    same(await fromEach('/findings?state=open', ({ findings }) => findings, as), 'findings after the rebuilds');
  });

  it('let a follower go on at another one with its last event', async () => {
    const { all } = nodes;
    const read = async (http: Http, from: string, until: string) => {
      const { text } = await http.get(`/events?from=${from}`);
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { seq: number });
      return lines.filter(({ seq }) => seq <= Number(until)).map(({ seq }) => seq);
    };
    const end = (await all[0]?.get('/projects'))?.headers.get('x-crafting-seq') ?? '0';
    const whole = await read(all[0] as Http, '1', end);
    const half = Math.floor(whole.length / 2);
    const rest = await read(all[1] as Http, String(whole[half]), end);
    assert.deepEqual(rest, whole.slice(half));
    const stream = await fetch(`${nodes.farms[1]?.url}/events`, {
      headers: {
        authorization: `Bearer ${readFileSync(nodes.farms[0]?.adminBearerFile ?? '', 'utf8').trim()}`,
        accept: 'text/event-stream',
        'last-event-id': String(whole.at(-2)),
      },
    });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    await until(async () => {
      text += new TextDecoder().decode((await reader.read()).value);
      return text.includes(`id: ${whole.at(-1)}`);
    }, 'the event after the last one that was seen');
    await reader.cancel();
    assert.deepEqual(
      eventsOf(text).flatMap(({ id, data }) => (data ? [Number(id)] : [])),
      [whole.at(-1)],
    );
  });

  it('speak MCP without a session that only one of them knows', async () => {
    const call = (method: string, params: object, headers: Record<string, string> = {}) =>
      nodes.http.post('/mcp', { jsonrpc: '2.0', id: 1, method, params }, { headers });
    const clientInfo = { name: 'test', version: '1' };
    const begun = await call('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    const session = begun.headers.get('mcp-session-id') ?? '';
    for (const _node of nodes.all) {
      const listed = await call('tools/list', {}, { 'mcp-session-id': session, 'mcp-protocol-version': '2025-06-18' });
      assert.match(listed.text, /list_projects|projects/, listed.text);
    }
  });

  it('count requests together: more than the limit is answered by none of them', async () => {
    const limited = [];
    try {
      for (const host of ['one', 'two']) {
        const env = {
          ...secret,
          CRAFTING_NATS_URL: nodes.url,
          CRAFTING_DATA_DIR: join(nodes.dir, host),
          CRAFTING_ROLES: 'api',
          CRAFTING_RATE_LIMIT: '40',
          CRAFTING_NATS_ALLOW_OLD: '1',
        };
        limited.push(await start(testConfig(nodes.dir, env), silent, { findLabels: async () => [] }));
      }
      const bearer = await nodes.http.mint('bob');
      const doors = limited.map(({ url }) => httpAt(url ?? '', bearer));
      const statuses: number[] = [];
      await until(async () => {
        for (const door of doors) statuses.push((await door.get('/projects')).status);
        return statuses.filter((status) => status === 429).length >= 2;
      }, 'the limit');
      const passed = statuses.filter((status) => status === 200).length;
      assert.ok(passed >= 40 && passed < 80, `${passed} of 40 passed at two nodes`);
      // Each of them says it, also the one that has answered less.
      for (const door of doors) await until(async () => (await door.get('/projects')).status === 429, 'both to refuse');
    } finally {
      for (const one of limited) await one.close();
    }
  });
});
