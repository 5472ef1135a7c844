import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bottleScreen } from '../../../services/cli/bottles/bottle-screen.ts';
import { apiClient } from '../../../services/cli/farm/api-client.ts';
import { type Egress, openEgress } from '../../../services/egress/open-egress.ts';
import { readPrices } from '../../../services/egress/providers/price-file.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { ask, bottleId, message, providersAt, someAccess } from '../../support/egress-plane.ts';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { type ProviderServer, startProvider } from '../../support/provider-server.ts';
import { until } from '../../support/until.ts';
import { register } from '../api/registered.ts';
import { say } from '../cli/captured-cli.ts';
import { watchedCli } from '../cli/watched-cli.ts';

const farm = await openFarm({ env: { CRAFTING_ANTHROPIC_KEY: 'sk-of-nobody' } });
const { http } = farm;
let provider: ProviderServer;
let egress: Egress;
const plane = () => {
  const providers = providersAt(provider.url);
  const { dataDir, models, store } = farm;
  return openEgress({
    log: store.log,
    models,
    clock: systemClock,
    logger: silent,
    dataDir,
    providers,
    prices: readPrices(null),
  });
};
const cli = (...args: string[]) =>
  say(args, { env: { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin } });

before(async () => {
  provider = await startProvider();
  egress = plane();
});
after(async () => {
  await egress.close();
  await provider.close();
  await farm.close();
});

describe('an agent', () => {
  it('may not list the host of a provider among its hosts: registration says so, and where', async () => {
    const hosts = ['docs.example.org', '*.anthropic.com'];
    const put = await http.post('/projects', {
      ...{ name: 'past', git_url: farm.repository },
      subprojects: [{ path: '.', language: 'go', test: 'true' }],
      agents: { coder: { extends: 'claude', hosts } },
    });
    assert.equal(put.status, 400);
    assert.match(put.text, /\/body\/agents\/coder\/hosts\/1/);
    assert.match(put.text, /\*\.anthropic\.com is a provider's: list it among the providers of the agent/);
  });
});

describe('what agents spend', () => {
  let acme: string;

  before(async () => {
    await http.post('/teams', { team: 'acme' });
    acme = await http.mint('acme.ann', { team: 'acme' });
    await http.mint('other.bob', { team: 'other' });
    await register(farm, 'web', { bearer: acme, agents: { coder: { extends: 'claude' } } });
  });

  it('is set by the API, read by its team alone, and cuts an agent off', async () => {
    const put = (body: Json, bearer?: string) => http('PUT', '/budgets', { body, ...(bearer ? { bearer } : {}) });
    assert.equal((await put({ level: 'farm', usd: 5, per: 'month' }, acme)).status, 403);
    assert.equal((await put({ level: 'owner', of: 'acme', tokens: 9 }, acme)).status, 403);
    assert.equal((await put({ level: 'project', of: 'web' }, acme)).status, 400);
    assert.equal((await put({ level: 'project', of: 'none', tokens: 1 }, acme)).status, 404);
    assert.equal((await put({ level: 'farm', usd: 5, per: 'month' })).status, 200);
    const made = await http.post(
      '/budgets',
      { level: 'project', of: 'web', tokens: 3_000, policy: 'freeze' },
      { bearer: acme },
    );
    assert.deepEqual([made.status, made.json.budget.key, made.json.budget.used], [201, 'project:web:tokens:day', 0]);
    assert.equal(
      (await http.post('/budgets', { level: 'project', of: 'web', tokens: 1 }, { bearer: acme })).status,
      409,
    );

    const access = await egress.open(someAccess({ attempt: '7-1' }));
    for (let turn = 0; turn < 40; turn += 1) await ask(access, '/anthropic/v1/messages', message());
    await access.close();
    await until(async () => {
      const [one] = (await http.get('/budgets', { bearer: acme })).json.budgets;
      return one.exhausted_at !== null && one.warned_at !== null;
    });
    const { budgets } = (await http.get('/budgets', { bearer: acme })).json;
    assert.equal(budgets.length, 1, 'the budget of the farm is an admin’s to see');
    assert.ok(
      budgets[0].used <= 3_000 && budgets[0].share > 0.8 && budgets[0].warned_at !== null,
      JSON.stringify(budgets),
    );
    assert.equal((await http.get('/budgets')).json.budgets.length, 2);
  });

  it('is added up by agent, bottle, finding, project, owner, provider, model and day', async () => {
    const { total } = (await http.get('/usage')).json;
    assert.ok(total.tokens > 2_000 && total.usd > 0 && total.unpriced_tokens === 0);
    const day = new Date().toISOString().slice(0, 10);
    const groups = {
      agent: 'coder',
      bottle: bottleId(1),
      finding: '7',
      project: 'web',
      owner: 'acme',
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      day,
    };
    for (const [by, group] of Object.entries(groups)) {
      const { usage } = (await http.get(`/usage?by=${by}`, { bearer: acme })).json;
      assert.deepEqual(usage, [{ ...total, group }], by);
    }
    assert.equal((await http.get('/usage?project=none')).json.total.tokens, 0);
    const bob = await http.mint('other.eve', { team: 'other' });
    assert.deepEqual((await http.get('/usage', { bearer: bob })).json.usage, []);
    assert.deepEqual((await http.get('/usage?owner=acme', { bearer: bob })).json.total.tokens, 0);
  });

  it('is told by the command line', async () => {
    const set = await cli('budget', 'set', 'agent', 'coder', '--project', 'web', '--tokens', '200k', '--per', 'month');
    assert.equal(set.out, 'the agent web/coder may spend 200,000 tokens per month\n', set.err);
    const listed = await cli('budget');
    assert.match(
      listed.out,
      /^project web +day +3,000 +2,\d{3} +\[#{8,10}\.{0,2}\] \d{2} % +freeze$/m,
      listed.out + listed.err,
    );
    assert.match(listed.out, /^farm +month +\$5\.00 +\$0\.0/m);
    const usage = await cli('usage', '--by', 'model');
    assert.match(usage.out, /^claude-sonnet-4-5 +\d+ +2,\d{3} /m, usage.err);
    assert.match(usage.out, /\d+ calls, 2,\d{3} tokens, \$0\.\d+ by the prices of 2025-11-24/);
    const remove = ['budget', 'remove', 'agent', 'coder', '--project', 'web', '--per', 'month'];
    assert.equal((await cli(...remove)).out, 'the budget in tokens is taken away\n');
    const small = await cli('budget', 'set', 'attempt', 'x', '--project', 'web', '--tokens', '1');
    assert.match(small.out, /may spend 1 token per attempt/, small.err);
    assert.equal((await cli('budget', 'remove', 'attempt', 'x', '--project', 'web')).code, 0);
    // Neither the unit nor the rest has to be guessed.
    assert.equal((await cli('budget', 'set', 'agent', 'claude', '--usd', '0.5')).code, 0);
    assert.equal((await cli('budget', 'remove', 'agent', 'claude')).out, 'the budget in usd is taken away\n');
    for (const [words, wrong] of [
      [remove, /There is no budget of the agent web\/coder in tokens per month\./],
      [
        ['budget', 'remove', 'farm', '--tokens', '--per', 'month'],
        /no budget of the farm in tokens per month; there is one in usd/,
      ],
      [['budget', 'remove', 'farm', '--usd'], /no budget of the farm in usd per day; there is one in usd per month/],
      [['budget', 'set', 'farm', 'x', '--tokens', '3'], /of: the farm has no name, so "x" means nothing here/],
      [['budget', 'set', 'farm', '--project', 'web', '--usd', '3'], /a budget of the farm is of no project/],
      [['budget', 'set', 'project', 'web', '--project', 'api', '--usd', '3'], /web and api are two projects/],
      [['budget', 'set', 'agent', 'nosuch', '--project', 'web', '--usd', '3'], /There is no agent nosuch in web/],
      [['budget', 'set', 'agent', 'nosuch', '--usd', '3'], /There is no agent nosuch in any project/],
      [['budget', 'set', 'owner', 'nobody', '--usd', '3'], /There is no team nobody/],
      [['budget', 'set', 'farm', '--tokens', '1.5'], /--tokens: a whole number of tokens was expected, not "1.5"/],
    ] as const) {
      const { err, code } = await cli(...words);
      assert.match(err, wrong, words.join(' '));
      assert.ok(code > 0, words.join(' '));
    }
    const wrong = await cli('budget', 'set', 'farm', '--tokens', 'lots');
    assert.match(wrong.err, /--tokens: a number such as 200k or 1.5m was expected, not "lots"/);
    assert.equal((await cli('usage', '--from', 'yesterday')).code, 2);
  });

  it('is known again from the read models when the plane opens anew', async () => {
    await egress.close();
    egress = plane();
    const access = await egress.open(someAccess({ bottle: bottleId(2) }));
    const { status } = await ask(access, '/anthropic/v1/messages', message({ max_tokens: 900 }));
    assert.equal(status, 402);
    await access.close();
  });

  it('ends with the bottle that somebody stops, in the plane and by an event', async () => {
    assert.equal((await http.post(`/bottles/${bottleId(3)}/stop`, {})).status, 404);
    const asked = await http.post(
      '/bottles',
      { project: 'web', agent: 'claude', prompt: 'Mend it.' },
      { bearer: acme },
    );
    const id = String(asked.json.bottle?.id ?? assert.fail(asked.text));
    const access = await egress.open(someAccess({ bottle: id, project: 'api' }));
    const cuts: string[] = [];
    access.onCut(({ policy }) => cuts.push(policy));
    const { json, status } = await http.post(
      `/bottles/${id}/stop`,
      { policy: 'cutoff', reason: 'too slow' },
      { bearer: acme },
    );
    assert.deepEqual([status, json.policy], [200, 'cutoff']);
    await until(() => cuts.length === 1);
    assert.match((await ask(access, '/anthropic/v1/messages', message())).text, /cut this run off: too slow/);
    await access.close();
  });

  it('is a live screen, on which the chosen bottle is ended by a key', async () => {
    const made = await http.post('/bottles', { project: 'web', agent: 'claude', prompt: 'Mend it.' }, { bearer: acme });
    const id = String(made.json.bottle.id);
    const once = await cli('bottles', 'watch', '--once');
    assert.match(once.out, /^0 of \d bottles at work/, once.err);
    assert.match(once.out, /web a day \[#{8,10}\.{0,2}\] \d+ %/);
    assert.match(once.out, new RegExp(`${id} +claude +web +acme.ann +requested +0 +\\$0\\.00`), once.out);
    const shown = await cli('bottles', 'show', id);
    assert.match(shown.out, /^spent +0 tokens, \$0\.00 in 0 calls$/m, shown.err);
    assert.match(shown.out, /^budget +[\d,]+ of [\d,]+ tokens of the project web per day, \d+ %$/m);
    const watched = watchedCli({
      client: async () => apiClient(farm.url, farm.admin),
      isTTY: true,
      columns: 160,
      rows: 20,
    });
    const on = { key: (_key: string) => {} };
    const listen = (given: typeof on) => {
      Object.assign(on, given);
      return () => {};
    };
    const hands = { listen };
    const screen = bottleScreen({ intervalMs: 100, once: false, output: 'table' }, watched, hands);
    await until(() => watched.out().includes(`> ${id}`) || watched.out().includes('> '));
    on.key('s');
    await until(() => watched.out().includes('is being stopped'));
    on.key('q');
    assert.equal(await screen, 0);
    await until(async () => (await http.get('/bottles')).json.bottles.some((one: Json) => one.ended === 'stopped'));
  });

  it('shows in the metrics', async () => {
    const { text } = await http.get('/metrics');
    assert.match(
      text,
      /^crafting_agent_tokens_total\{provider="anthropic",model="claude-sonnet-4-5",kind="output"\} \d+$/m,
    );
    assert.match(text, /^crafting_agent_usd_total\{provider="anthropic",model="claude-sonnet-4-5"\} 0\.\d+$/m);
    assert.match(text, /^crafting_budget_used_ratio\{level="project",of="web",unit="tokens",per="day"\} 0\.\d+$/m);
  });
});
