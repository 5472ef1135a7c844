import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openClawdforge } from '../../../services/io/agent/clawdforge-agent.ts';
import type { Failure } from '../../support/clawdforge-server.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { paced } from '../../support/pace.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';
import { agentToken } from '../../support/patch-parts.ts';

const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "bad";\nconst c = "worse";\nconst d = 1;\n',
};
const good = JSON.stringify({
  edits: [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }],
  explanation: 'So.',
});
const noJson = 'Let me think about it.';
const patience = { ackWaitMs: paced(5_000), maxArrivals: 20, pauseMs: 20 };
const count = (text: string | undefined, part: string) => (text ?? '').split(part).length - 1;

describe('a gateway that fails now and then', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({
      files,
      using: ({ agent }) => ({
        patience,
        agent: openClawdforge({
          url: agent?.url ?? '',
          token: agentToken,
          model: null,
          turnTimeoutSecs: paced(500) / 1000,
          graceSecs: paced(2_000) / 1000,
        }),
      }),
    });
  });
  after(() => farm.close());

  const turns: [string, string, Failure, string, RegExp][] = [
    ['is slower than it may be', 'slow', 'hang', 'agent_timeout', /did not answer within [\d.]+ s/],
    ['says 502', 'broken', 'run_failure', 'agent_unavailable', /502.*the model is overloaded/],
    ['says 503 to a turn', 'full', 'pool_full', 'agent_unavailable', /503.*pool is full/],
    ['says 504', 'late', { status: 504, raw: '{"detail":"turn timed out"}' }, 'agent_timeout', /504.*turn timed out/],
    ['cuts the line before the answer', 'cut', 'cut_after', 'agent_unavailable', /cut the connection/],
    ['answers half of its JSON', 'half', 'malformed', 'agent_invalid', /what is not JSON/],
    ['says 410 once', 'gone', 'gone', 'agent_not_found', /410.*session is closed/],
  ];
  for (const [what, name, failure, reason, words] of turns)
    it(`costs one turn when it ${what}, and the question is asked again in whole`, async () => {
      const seen = await farm.seen(name);
      farm.script(name, ...(['hang', 'cut_after', 'malformed'].includes(`${failure}`) ? [good, good] : [good]));
      farm.parts.agent?.failNext('turn', failure);
      const attempt = await farm.mend(seen, 'no-worse');
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      const [told, ...more] = attempt.sent_back;
      assert.deepEqual([told.turn, told.step, told.reason], [1, 'agent', reason]);
      assert.match(told.detail, words);
      assert.deepEqual(more, []);
      assert.equal(attempt.agent_turns, 2);
      assert.equal(attempt.sessions.length, 1);
      const prompt = farm.asked(name).at(-1)?.prompt;
      assert.equal(count(prompt, 'You write a patch'), 1);
      assert.match(prompt ?? '', /Your last answer was lost/);
    });

  it('is waited for while it has no room for another conversation', async () => {
    const seen = await farm.seen('patient');
    farm.script('patient', good);
    farm.parts.agent?.failNext('create', 'pool_full', 2);
    const attempt = await farm.mend(seen, 'no-worse');
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.deepEqual(attempt.sent_back, []);
    assert.equal(attempt.agent_turns, 1);
    assert.equal(attempt.sessions.length, 1);
    assert.equal(farm.asked('patient').length, 1);
  });

  for (const [what, name, lose] of [
    ['closed', 'ended', (id: string) => Object.assign(farm.parts.agent?.sessions.get(id) ?? {}, { closed_at: 1 })],
    ['forgotten', 'forgotten', (id: string) => farm.parts.agent?.sessions.delete(id)],
  ] as const)
    it(`is asked everything anew in another conversation when it has ${what} the first one`, async () => {
      const seen = await farm.seen(name);
      farm.script(
        name,
        () => {
          lose(farm.asked(name)[0]?.sessionId ?? '');
          return noJson;
        },
        good,
      );
      const attempt = await farm.mend(seen, 'no-worse');
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      const [first, second] = farm.asked(name);
      assert.notEqual(first?.sessionId, second?.sessionId);
      assert.equal(count(second?.prompt, 'You write a patch'), 1);
      assert.ok(second?.prompt.includes(attempt.sent_back[0].detail));
      assert.match(second?.prompt ?? '', /"worse"/);
      assert.deepEqual(
        attempt.sessions.map(({ closed }: Json) => closed),
        [true, true],
      );
    });

  it('is told everything once when both the answer and the conversation are lost', async () => {
    const seen = await farm.seen('twice');
    farm.script(
      'twice',
      noJson,
      () => {
        farm.parts.agent?.sessions.delete(farm.asked('twice')[0]?.sessionId ?? '');
        throw new Error('the model has gone away');
      },
      good,
    );
    const attempt = await farm.mend(seen, 'no-worse');
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.deepEqual(
      attempt.sent_back.map(({ reason }: Json) => reason),
      ['reply_unreadable', 'agent_unavailable'],
    );
    const prompt = farm.asked('twice')[2]?.prompt;
    assert.equal(count(prompt, 'You write a patch'), 1);
    assert.ok(prompt?.includes(attempt.sent_back[0].detail), 'what was wrong before is told');
  });

  it('ends the attempt when every turn is lost, with the last words of the gateway', async () => {
    const seen = await farm.seen('never');
    farm.parts.agent?.failNext('turn', 'run_failure', 3);
    const attempt = await farm.mend(seen, 'no-worse');
    assert.equal(attempt.status, 'declined');
    assert.deepEqual([attempt.failure.step, attempt.failure.reason], ['agent', 'agent_unavailable']);
    assert.match(attempt.failure.detail, /the model is overloaded/);
    assert.match(attempt.failure.next, /gateway/);
    assert.equal(attempt.agent_turns, 3);
  });

  it('ends the attempt at once when a turn is answered with 401', async () => {
    const seen = await farm.seen('unknown');
    farm.script('unknown', good, good);
    farm.parts.agent?.failNext('turn', 'unauthorized');
    const attempt = await farm.mend(seen, 'no-worse');
    assert.equal(attempt.status, 'declined');
    assert.equal(attempt.failure.reason, 'agent_unauthorized');
    assert.match(attempt.failure.next, /CRAFTING_CLAWDFORGE_TOKEN/);
    assert.equal(attempt.agent_turns, 1);
    assert.equal(farm.asked('unknown').length, 0);
    await farm.settled(attempt.id, ({ sessions }) => sessions.every(({ closed }: Json) => closed));
  });
});
