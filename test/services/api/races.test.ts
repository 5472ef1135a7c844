import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { silent } from '../../../services/io/log.ts';
import { readEntries } from '../../../services/io/nats/stores/bucket.ts';
import { type HostModels, openHostModels } from '../../../services/projector/host-models.ts';
import { openFarm } from '../../support/farm.ts';
import { type Answer, type Http, httpAt } from '../../support/http.ts';
import { openDoor } from './door.ts';
import { register } from './registered.ts';

// Two API nodes on one log, each with read models of its own: what one knows the other learns a moment later.
const farm = await openFarm({ env: { CRAFTING_SLOTS: '1' } });
const nodes: Http[] = [farm.http];
const closers: (() => Promise<void>)[] = [];
/** CT_RACE_ROUNDS=50 runs them as long as they were when they were looked for. */
const rounds = Number(process.env.CT_RACE_ROUNDS ?? 8);
const racers: string[] = [];

before(async () => {
  const dir = join(farm.dir, 'second');
  mkdirSync(dir);
  const models: HostModels = await openHostModels({ dir, log: farm.store.log, logger: silent, isProjector: true });
  const door = await openDoor({ ...farm, models }, {});
  closers.push(door.close, models.close);
  nodes.push(httpAt(door.url, farm.admin));
  for (const name of ['ann', 'bob', 'cyd', 'dan']) racers.push(await farm.http.mint(name));
});
after(async () => {
  for (const close of closers) await close();
  await farm.close();
});

/** Does the same thing for several at almost the same moment, each at another node; answers what each heard. */
function race(count: number, ask: (http: Http, at: number) => Promise<Answer>, spreadMs = 6): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      await pause(Math.random() * spreadMs);
      return ask(nodes[at % nodes.length] as Http, at);
    }),
  );
}

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();
const settled = async () => {
  // Each node is asked for what only the newest event shows.
  const { store } = farm;
  const end = await store.log.end();
  for (const http of nodes)
    for (;;) if (Number((await http.get('/projects')).headers.get('x-crafting-seq')) >= end) break;
};
const vaultKeys = async () => (await readEntries(farm.store.nats, 'CT_SECRETS')).size;

test('of those who register one name at once exactly one becomes its owner, the others hear that it is taken', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const name = `name-${round}`;
    const heard = await race(racers.length, (http, at) =>
      http.post('/projects', { name, git_url: `http://x:secret-${at}@x/${at}.git` }, { bearer: racers[at] ?? '' }),
    );
    assert.deepEqual(statuses(heard), [201, 409, 409, 409], `round ${round}`);
    for (const { status, json } of heard) if (status === 409) assert.equal(json.code, 'name_taken');
    const winner = heard.findIndex(({ status }) => status === 201);
    await settled();
    for (const http of nodes) {
      const seen = await http.get(`/projects/${name}`, { bearer: racers[winner] ?? '' });
      assert.equal(seen.status, 200);
      assert.equal(seen.json.project.git_url, `http://x/${winner}.git`);
    }
  }
  // Each project has the one credential that its owner brought; what the others brought is erased.
  assert.equal(await vaultKeys(), rounds);
});

test('of those who mint a bearer of one name at once exactly one gets it, and it works', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const heard = await race(4, (http) => http.post('/admin/tokens', { name: `token-${round}` }));
    assert.deepEqual(statuses(heard), [201, 409, 409, 409], `round ${round}`);
    const bearer = heard.find(({ status }) => status === 201)?.json.bearer;
    assert.equal((await farm.http.get('/projects', { bearer })).status, 200);
  }
});

test('two documents at once: one is kept, and the other one hears that it came too late', async () => {
  await register(farm, 'put', {});
  for (let round = 0; round < rounds; round += 1) {
    const heard = await race(
      2,
      (http, at) => http('PUT', '/projects/put', { body: { git_url: `http://u:tok${round}${at}@x/${at}.git` } }),
      0,
    );
    for (const { status, json, text } of heard) {
      assert.ok([200, 409].includes(status), text);
      if (status === 409) assert.equal(json.code, 'changed_meanwhile');
    }
    assert.ok(heard.some(({ status }) => status === 200));
    const kept = heard.filter(({ status }) => status === 200).map(({ json }) => json.project.git_url);
    await settled();
    assert.ok(kept.includes((await farm.http.get('/projects/put')).json.project.git_url));
  }
});

test('a credential that is renewed while another document keeps it is there afterwards', async () => {
  const renewed = { git_url: 'http://u:token@x/renewed.git' };
  await farm.http('PUT', '/projects/put', { body: renewed });
  const before = await vaultKeys();
  for (let round = 0; round < rounds; round += 1) {
    await race(
      2,
      (http, at) =>
        http('PUT', '/projects/put', {
          body: at === 0 ? renewed : { git_url: 'http://x/renewed.git', languages: [`x${round}`] },
        }),
      2,
    );
    await settled();
    const ref = farm.models?.query().projects.find('put')?.credential_ref;
    assert.match(await farm.store.vault.get(ref ?? ''), /token/);
  }
  assert.equal(await vaultKeys(), before);
});

test('a document that comes after its project was removed is refused, and leaves nothing behind', async () => {
  const before = await vaultKeys();
  for (let round = 0; round < rounds; round += 1) {
    const name = `gone-${round}`;
    await register(farm, name, { bearer: racers[0] ?? '' });
    await settled();
    const [put, removed] = await race(
      2,
      (http, at) =>
        at === 0
          ? http('PUT', `/projects/${name}`, { bearer: racers[0] ?? '', body: { git_url: 'http://u:t@x/y.git' } })
          : http('DELETE', `/projects/${name}`, { bearer: racers[0] ?? '' }),
      3,
    );
    assert.ok([200, 404].includes(put?.status ?? 0), put?.text);
    assert.equal(removed?.status, 200, removed?.text);
    await settled();
    for (const http of nodes) assert.equal((await http.get(`/projects/${name}`)).status, 404);
  }
  assert.equal(await vaultKeys(), before);
});

test('a job that is asked for while its project is removed runs for nobody', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const name = `busy-${round}`;
    const bearer = racers[1] ?? '';
    await register(farm, name, { bearer, commands: { test: 'exec sleep 300' } });
    await settled();
    const heard = await race(
      3,
      (http, at) =>
        at === 2
          ? http('DELETE', `/projects/${name}`, { bearer })
          : http.post(`/projects/${name}/jobs`, { recipe: 'test' }, { bearer }),
      4,
    );
    assert.equal(heard[2]?.status, 200, heard[2]?.text);
    // Its name may be somebody else's at once, who sees nothing of all that.
    await register(farm, name, { bearer: racers[2] ?? '' });
    const seen = (await farm.http.get(`/jobs?project=${name}`, { bearer: racers[2] ?? '' })).json.jobs;
    assert.deepEqual(seen, []);
  }
  // Every one of them ends without anybody's help: the slot is free for the job of another.
  await register(farm, 'next', { bearer: racers[3] ?? '' });
  const { json } = await farm.http.post('/projects/next/jobs', { recipe: 'test' }, { bearer: racers[3] ?? '' });
  assert.equal((await farm.http.ended(json.job_id)).status, 'succeeded');
});

test('a project that is handed over while it is changed, offered anew and removed is one team’s, and every answer is true', async () => {
  const [ann = '', bob = ''] = racers;
  for (let round = 0; round < rounds; round += 1) {
    const name = `moving-${round}`;
    await register(farm, name, { bearer: ann });
    await farm.http.post(`/projects/${name}/hand-over`, { to: 'bob' }, { bearer: ann });
    await settled();
    const heard = await race(
      4,
      (http, at) =>
        [
          () => http.post(`/projects/${name}/hand-over/accept`, undefined, { bearer: bob }),
          () => http('DELETE', `/projects/${name}`, { bearer: ann }),
          () => http('PUT', `/projects/${name}`, { bearer: ann, body: { git_url: `http://u:t@x/${round}.git` } }),
          () => http('DELETE', `/projects/${name}/hand-over`, { bearer: ann }),
        ][at]?.() ?? http.get('/projects'),
      4,
    );
    await settled();
    const [taken, removed] = heard;
    const is = [taken?.status, removed?.status].join();
    // Whoever was first has it: taken and then removed by its former owner would be two truths.
    assert.ok(['200,404', '404,200', '200,409', '409,200', '404,404'].includes(is), `${is} ${removed?.text}`);
    const owner = farm.models?.query().projects.find(name)?.owner;
    assert.equal(owner, taken?.status === 200 ? 'bob' : removed?.status === 200 ? undefined : 'ann', is);
    for (const http of nodes)
      assert.equal((await http.get(`/projects/${name}`, { bearer: bob })).status, owner === 'bob' ? 200 : 404);
  }
});

test('a bearer that is renewed while it is revoked does not come back', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const name = `renewed-${round}`;
    await farm.http.mint(name);
    await settled();
    const [renewed, revoked] = await race(2, (http, at) =>
      at === 0 ? http.post(`/admin/tokens/${name}/rotate`) : http('DELETE', `/admin/tokens/${name}`),
    );
    assert.equal(revoked?.status, 200, revoked?.text);
    assert.ok([201, 404, 409].includes(renewed?.status ?? 0), renewed?.text);
    await settled();
    if (renewed?.status === 201)
      assert.equal((await farm.http.get('/projects', { bearer: renewed.json.bearer })).status, 401);
  }
});

test('a bearer that is revoked twice while it is minted anew is revoked once', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const name = `again-${round}`;
    await farm.http.mint(name);
    await settled();
    const heard = await race(3, (http, at) =>
      at === 2 ? http.post('/admin/tokens', { name }) : http('DELETE', `/admin/tokens/${name}`),
    );
    const minted = heard[2];
    assert.ok([201, 409].includes(minted?.status ?? 0), minted?.text);
    const [revoked] = [heard.slice(0, 2).filter(({ status }) => status === 200).length];
    const events = { revoked, minted: minted?.status === 201 ? 1 : 0 };
    await settled();
    const holds = (await farm.http.get('/admin/tokens')).json.tokens.find((one: { name: string }) => one.name === name);
    // Minted once before: what was given and what was taken add up.
    assert.equal(holds.revoked_at === null, 1 + events.minted - events.revoked === 1, JSON.stringify(events));
  }
});
