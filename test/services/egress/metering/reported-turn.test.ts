import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportedTurn } from '../../../../services/egress/metering/reported-turn.ts';
import type { AgentReply } from '../../../../services/io/agent/agent.ts';
import { type Plane, withPlane } from '../../../support/egress-plane.ts';
import { until } from '../../../support/until.ts';

const spender = {
  bottle_id: null,
  attempt_id: '7-1',
  agent: 'clawdforge',
  project: 'web',
  owner: 'acme',
  finding_id: 7,
};
const reply = {
  text: 'A diff of forty characters, more or less.',
  durationMs: 5,
  inputTokens: 900,
  outputTokens: 80,
  usd: 0.0123,
};

const turn = async ({ egress }: Plane, ask: () => Promise<AgentReply>) =>
  reportedTurn(
    {
      ledger: await egress.ledger(),
      prices: egress.prices,
      spender,
      adapter: 'clawdforge',
      model: 'opus',
      promptBytes: 3_000,
      withinMs: 60_000,
    },
    ask,
  );

describe('a turn of an adapter that reports what it took', () => {
  it('stands in the same book, with the tokens and the money that were reported', () =>
    withPlane(async (plane) => {
      assert.equal(await turn(plane, async () => reply), reply);
      const { usage, money, source, estimated, finding_id } = plane.eventsOf('TokensMetered')[0]?.data ?? assert.fail();
      assert.deepEqual([usage.input_tokens, usage.output_tokens, money?.nano_usd], [900, 80, 12_300_000]);
      assert.deepEqual([source, estimated, finding_id], ['reported', false, 7]);
    }));

  it('is estimated by its texts where nothing is reported, and where it failed, and says so', () =>
    withPlane(async (plane) => {
      await turn(plane, async () => ({ ...reply, inputTokens: null, outputTokens: null, usd: null }));
      await assert.rejects(() => turn(plane, () => Promise.reject(new Error('gone'))), /gone/);
      const told = plane
        .eventsOf('TokensMetered')
        .map(({ data }) => [data.usage.input_tokens, data.usage.output_tokens, data.estimated, data.source]);
      assert.deepEqual(told, [
        [1_000, 14, true, 'estimate'],
        [1_000, 0, true, 'estimate'],
      ]);
    }));

  it('is not asked for where a budget is used up', () =>
    withPlane(async (plane) => {
      const data = {
        level: 'project',
        of: 'web',
        unit: 'tokens',
        per: 'day',
        owner: 'acme',
        project: 'web',
        limit: 1_000,
        policy: null,
        by: 'ann',
      } as const;
      const ledger = await plane.egress.ledger();
      await plane.log.append({ type: 'BudgetSet', id: 'project:web:tokens:day', data });
      await until(() => ledger.balances().budgets.size === 1);
      await assert.rejects(
        () => turn(plane, () => assert.fail('it was asked')),
        /budget of the project web of 1,000 tokens a day (?:is used up|has no room for this call: 0 tokens are spent)/,
      );
      assert.equal(plane.eventsOf('TokensReserved').length, 0);
    }));
});
