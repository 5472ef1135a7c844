import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { paced } from '../../support/pace.ts';
import { openPatchFarm } from '../../support/patch-farm.ts';
import { until } from '../../support/until.ts';

const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "bad";\nconst c = "worse";\nconst d = 1;\n',
};
const good = JSON.stringify({
  edits: [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }],
  explanation: 'So.',
});
const patience = { ackWaitMs: paced(5_000), maxArrivals: 5, pauseMs: 20 };
const count = (text: string, part: string) => text.split(part).length - 1;

describe('a gateway that does not know the token', () => {
  it('is asked once, and the attempt ends with the advice to look at the token', async () => {
    const env = { CRAFTING_CLAWDFORGE_TOKEN: 'cf_of-somebody-else' };
    const farm = await openPatchFarm({ files, env, using: () => ({ patience }) });
    try {
      const seen = await farm.seen('p');
      const attempt = await farm.mend(seen, 'no-worse');
      assert.equal(attempt.status, 'declined', JSON.stringify(attempt));
      assert.equal(attempt.failure.reason, 'agent_unauthorized');
      assert.deepEqual(attempt.sessions, []);
      assert.doesNotMatch(JSON.stringify(attempt), /cf_of-somebody-else/);
      const other = await farm.mend(seen, 'no-bad');
      assert.equal(other.status, 'pr_opened', 'what needs no agent goes on');
      const asked = farm.parts.agent?.requests ?? [];
      assert.ok(asked.length <= 3, JSON.stringify(asked));
    } finally {
      await farm.close();
    }
  });
});

describe('a gateway that is down for good', () => {
  it('ends the attempts in the open and gives their places to others', async () => {
    const lines =
      'const a = "bad";\nconst b = "worse";\nconst c = ["worse"];\nconst d = { d: "worse" };\nlet e = "worse";\n';
    const farm = await openPatchFarm({
      files: { 'lint.pl': mendingLinter(), 'src/a.js': lines },
      using: () => ({ patience }),
    });
    try {
      const { job, findings } = await farm.seen('p');
      await farm.parts.agent?.stop();
      const ask = async (code: string, line: number) => {
        const { id } = findings.find((one: Json) => one.code === code && one.line === line);
        return (await farm.http.post(`/jobs/${job}/patches`, { finding_id: id })).json.attempt;
      };
      const stuck = [await ask('no-worse', 2), await ask('no-worse', 3), await ask('no-worse', 4)];
      const waiting = await ask('no-worse', 5);
      const other = await ask('no-bad', 1);
      assert.deepEqual([waiting.status, other.status], ['requested', 'requested']);
      for (const { id } of [...stuck, waiting]) {
        const { status, failure, open } = await farm.settled(id, (one) => !one.open);
        assert.deepEqual([status, open, failure.step, failure.reason], ['declined', false, 'agent', 'unavailable']);
        assert.match(failure.detail, /refuses connections/);
      }
      await farm.settled(other.id, ({ status }) => status === 'pr_opened');
      const { text } = await farm.http.get('/events');
      assert.match(text, /"type":"DeliveryAbandoned"/);
    } finally {
      await farm.close();
    }
  });
});

describe('a gateway that lets no conversation end', () => {
  for (const [status, env] of [
    ['pr_opened', {}],
    ['pushed', { CRAFTING_PATCHER_FORGE: 'none' }],
  ] as const)
    it(`holds no proven patch back: it is ${status} once, and stays so`, async () => {
      const farm = await openPatchFarm({ files, env, using: () => ({ patience }) });
      try {
        farm.script('p', good);
        const seen = await farm.seen('p');
        farm.parts.agent?.failNext('delete', 'pool_full', 100);
        const { id } = await farm.mend(seen, 'no-worse');
        await farm.settled(id, (one) => one.status === status);
        const text = await until(async () => {
          const { text: events } = await farm.http.get('/events');
          return events.includes('"type":"DeliveryAbandoned"') && events;
        });
        await farm.mend(seen, 'no-bad');
        const { attempt } = (await farm.http.get(`/patches/${id}`)).json;
        assert.deepEqual([attempt.status, attempt.open, attempt.failure], [status, true, null]);
        assert.equal(count(text, '"type":"BranchPushed"'), 1, 'a step that comes again does nothing again');
        assert.equal(count(text, '"type":"PrUpdated"'), 0);
      } finally {
        await farm.close();
      }
    });
});
