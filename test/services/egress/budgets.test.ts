import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BudgetSetData } from '../../../events/work/budget.ts';
import { openEgress } from '../../../services/egress/open-egress.ts';
import { readPrices } from '../../../services/egress/providers/price-file.ts';
import { tokensOf } from '../../../services/egress/rules/usage-counts.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { ask, bottleId, message, type Plane, providersAt, someAccess, withPlane } from '../../support/egress-plane.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { until } from '../../support/until.ts';

type Budget = Pick<BudgetSetData, 'level' | 'of'> & Partial<BudgetSetData>;

const set = ({ log }: Pick<Plane, 'log'>, budget: Budget) => {
  const data = { unit: 'tokens', per: 'day', owner: null, limit: 1_000, policy: null, by: 'ann', ...budget } as const;
  return log.append({ type: 'BudgetSet', id: `${data.level}:${data.of}:${data.unit}:${data.per}`, data });
};
const spent = ({ eventsOf }: Pick<Plane, 'eventsOf'>) =>
  eventsOf('TokensMetered').reduce((sum, { data }) => sum + tokensOf(data.usage), 0);

describe('budgets of agents', () => {
  it('are never passed by 200 attempts at once, through two gateways on one log', () =>
    withPlane(async (plane) => {
      const { log, provider, open } = plane;
      const limit = 12_345;
      await set(plane, { level: 'project', of: 'web', limit });
      await inTempDir(async (dataDir) => {
        const providers = providersAt(provider.url);
        const other = openEgress({
          log,
          models: null,
          clock: systemClock,
          logger: silent,
          dataDir,
          providers,
          prices: readPrices(null),
        });
        try {
          const accesses = await Promise.all(
            Array.from({ length: 200 }, (_, at) =>
              at % 2 === 0 ? open({ bottle: bottleId(at) }) : other.open(someAccess({ bottle: bottleId(at) })),
            ),
          );
          const statuses = await Promise.all(
            accesses.map(async (access, at) => {
              const more = at % 3 === 0 ? { stream: true } : {};
              return [
                (await ask(access, '/anthropic/v1/messages', message(more))).status,
                (await ask(access, '/anthropic/v1/messages', message(more))).status,
              ];
            }),
          );
          const all = statuses.flat();
          assert.deepEqual([...new Set(all)].sort(), [200, 402]);
          assert.equal(spent(plane), provider.billed());
          assert.ok(spent(plane) <= limit, `${spent(plane)} of ${limit}`);
          assert.ok(spent(plane) > limit * 0.8, `only ${spent(plane)} of ${limit} could be used`);
          for (const one of [await plane.egress.ledger(), await other.ledger()])
            await until(() => one.balances().open.size === 0 && one.balances().reserved.size === 0);
          for (const access of accesses) await access.close();
        } finally {
          await other.close();
        }
      });
    }));

  it('count on every level above, whatever a more specific one allows', () =>
    withPlane(async (plane) => {
      const { open, eventsOf } = plane;
      await set(plane, { level: 'farm', of: 'farm', per: 'month', limit: 2_000 });
      await set(plane, { level: 'agent', of: 'coder', limit: 1_000_000 });
      const access = await open({ budget: { tokens: 500_000 } });
      for (let turn = 0; turn < 40; turn += 1) await ask(access, '/anthropic/v1/messages', message());
      assert.ok(spent(plane) <= 2_000);
      assert.ok(spent(plane) >= 1_500, String(spent(plane)));
      await until(() => eventsOf('BudgetExhausted').length === 1 && eventsOf('AgentCutOff').length === 1);
      assert.equal(eventsOf('BudgetExhausted')[0]?.data.level, 'farm');
      assert.match(
        eventsOf('AgentCutOff')[0]?.data.detail ?? '',
        /budget of the farm of 2,000 tokens a month (?:is used up|has no room for this call: 1,\d{3} tokens are spent)/,
      );
      assert.equal(eventsOf('BudgetNearlyExhausted').length, 1);
    }));

  it('are warned of at four fifths, also of what open calls hold', () =>
    withPlane(async (plane) => {
      const { open, provider, eventsOf } = plane;
      await set(plane, { level: 'farm', of: 'farm', per: 'month', limit: 10_000 });
      const held = Promise.withResolvers<void>();
      provider.behave = async () => {
        await held.promise;
        return null;
      };
      const access = await open({ budget: null });
      const asked = ask(access, '/anthropic/v1/messages', message({ max_tokens: 7_500 }));
      await until(() => eventsOf('BudgetNearlyExhausted').length === 1, 'a warning while the call is open');
      assert.equal(eventsOf('TokensMetered').length, 0);
      assert.ok((eventsOf('BudgetNearlyExhausted')[0]?.data.used ?? 0) >= 8_000);
      held.resolve();
      assert.equal((await asked).status, 200);
      assert.equal(eventsOf('BudgetNearlyExhausted').length, 1, 'once in a span');
    }));

  it('per attempt are those of the most specific level, each attempt for itself', () =>
    withPlane(async (plane) => {
      const { open } = plane;
      await set(plane, { level: 'farm', of: 'farm', per: 'attempt', limit: 1_500 });
      await set(plane, { level: 'project', of: 'web', per: 'attempt', limit: 3_000 });
      const used = async (changes: Parameters<Plane['open']>[0]) => {
        const before = spent(plane);
        const access = await open(changes);
        for (let turn = 0; turn < 40; turn += 1) await ask(access, '/anthropic/v1/messages', message());
        return spent(plane) - before;
      };
      const [web, api, given] = [
        await used({}),
        await used({ bottle: bottleId(2), project: 'api' }),
        await used({ bottle: bottleId(3), budget: { tokens: 700 + 1_400 } }),
      ];
      assert.ok(web > 1_500 && web <= 3_000, String(web));
      assert.ok(api > 1_000 && api <= 1_500, String(api));
      assert.ok(given > 1_500 && given <= 2_100, String(given));
    }));

  it('in money know the price of a model, and let no model through that has none', () =>
    withPlane(async (plane) => {
      const { open, eventsOf } = plane;
      await set(plane, { level: 'owner', of: 'acme', unit: 'usd', limit: 20_000_000 });
      const access = await open();
      for (let turn = 0; turn < 40; turn += 1) await ask(access, '/anthropic/v1/messages', message());
      const money = eventsOf('TokensMetered').reduce((sum, { data }) => sum + (data.money?.nano_usd ?? 0), 0);
      assert.ok(money <= 20_000_000 && money > 14_000_000, String(money));
      const unknown = await ask(access, '/anthropic/v1/messages', message({ model: 'brand-new-1' }));
      assert.equal(unknown.status, 403);
      assert.match(unknown.text, /has no price in the table of prices/);
    }));

  it('let a model without a price be counted in tokens, and say so', () =>
    withPlane(async (plane) => {
      const access = await plane.open({ budget: { tokens: 100_000 } });
      assert.equal((await ask(access, '/anthropic/v1/messages', message({ model: 'brand-new-1' }))).status, 200);
      assert.equal(plane.eventsOf('TokensMetered')[0]?.data.money, null);
      assert.equal((await access.close()).usd, null);
    }));

  it('lower the limit of an answer that does not fit, so that the provider keeps it', () =>
    withPlane(async (plane) => {
      const access = await plane.open({ budget: { tokens: 2_000 } });
      assert.equal((await ask(access, '/anthropic/v1/messages', message({ max_tokens: 32_000 }))).status, 200);
      const { max_tokens } = plane.provider.asked[0]?.body ?? {};
      assert.ok(Number(max_tokens) < 1_000 && Number(max_tokens) >= 256, String(max_tokens));
    }));

  it('that are raised let an agent go on that was cut off by them', () =>
    withPlane(async (plane) => {
      const access = await plane.open({ budget: { tokens: 500 } });
      const asked = async () =>
        await ask(access, '/openai/v1/responses', { model: 'gpt-5', input: 'x', max_output_tokens: 100 });
      const first = await asked();
      assert.equal(first.status, 429);
      assert.equal((JSON.parse(first.text) as { error: { code: string } }).error.code, 'insufficient_quota');
      await set(plane, {
        level: 'attempt',
        of: bottleId(1),
        per: 'attempt',
        limit: 50_000,
        project: 'web',
        owner: 'acme',
      });
      await until(async () => (await asked()).status === 200);
    }));

  it('end a run as their own policy says, and without one as the agent’s manifest does', () =>
    withPlane(async (plane) => {
      await set(plane, { level: 'project', of: 'web', limit: 10, policy: 'freeze' });
      const access = await plane.open({ policy: 'kill' });
      const cuts: string[] = [];
      access.onCut(({ policy }) => cuts.push(policy));
      assert.equal((await ask(access, '/anthropic/v1/messages', message())).status, 402);
      await until(() => plane.eventsOf('AgentFrozen').length === 1);
      assert.deepEqual([cuts, plane.eventsOf('AgentKilled').length], [['freeze'], 0]);
    }));

  it('are what the log says when the plane opens again, with what was spent before', () =>
    withPlane(async (plane) => {
      await set(plane, { level: 'project', of: 'web', limit: 3_000 });
      const first = await plane.open();
      for (let turn = 0; turn < 10; turn += 1) await ask(first, '/anthropic/v1/messages', message());
      const before = spent(plane);
      await plane.egress.close();
      await inTempDir(async (dataDir) => {
        const providers = providersAt(plane.provider.url);
        const again = openEgress({
          log: plane.log,
          models: null,
          clock: systemClock,
          logger: silent,
          dataDir,
          providers,
          prices: readPrices(null),
        });
        const access = await again.open(someAccess({ bottle: bottleId(2) }));
        for (let turn = 0; turn < 40; turn += 1) await ask(access, '/anthropic/v1/messages', message());
        assert.ok(before >= 1_000 && spent(plane) <= 3_000 && spent(plane) > 2_000, String(spent(plane)));
        await access.close();
        await again.close();
      });
    }));
});
