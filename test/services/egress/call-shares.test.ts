import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCallMeter } from '../../../services/egress/metering/call-meter.ts';
import { exhaustedWords, type Metered } from '../../../services/egress/metering/ledger.ts';
import { replyMeter } from '../../../services/egress/metering/reply-meter.ts';
import { newBalances, setBudget } from '../../../services/egress/rules/balances.ts';
import { decideCall } from '../../../services/egress/rules/decide-call.ts';
import type { Fields } from '../../../services/egress/rules/json-fields.ts';
import { formatOf, type ProviderKind } from '../../../services/egress/wire/registry.ts';

const spender = { bottle_id: null, attempt_id: '1-1', agent: 'coder', project: 'web', owner: 'acme' };
const paths = {
  chat: ['openai', '/v1/chat/completions'],
  plain: ['openai', '/v1/completions'],
  responses: ['openai', '/v1/responses'],
  anthropic: ['anthropic', '/v1/messages'],
  gemini: ['gemini', '/v1beta/models/gemini-2.5-pro:generateContent'],
} as const satisfies Record<string, readonly [ProviderKind, string]>;

function wireOf(name: keyof typeof paths) {
  const [kind, path] = paths[name];
  const format = formatOf(kind, 'POST', path) ?? assert.fail(path);
  return { format, ask: (body: Fields) => format.ask({ model: 'gpt-5', ...body }, path) };
}

/** What a budget of so many tokens makes of a request for answers of so many tokens each. */
function decided(limit: number, each: number, answers: number) {
  const balances = newBalances();
  const budget = { level: 'farm', of: 'farm', unit: 'tokens', per: 'day', policy: null, owner: null } as const;
  setBudget(balances, { ...budget, limit });
  const wanted = { spender, input: 100, output: each * answers, answers, isBounded: true, price: null };
  return decideCall(balances, wanted, '2026-01-01T00:00:00Z');
}

/** What a whole answer is written down as. */
async function metered(name: keyof typeof paths, answer: object, output = 500) {
  const { format, ask } = wireOf(name);
  const raw = Buffer.alloc(300, 'x');
  const request = { raw, body: {}, asked: ask({}) };
  const written: Metered[] = [];
  const ledger = { settle: async (_id: string, one: Metered) => void written.push(one) };
  const provider = { name: 'openai', kind: 'openai', url: 'https://x.example', key: 'k', teams: null } as never;
  const grant = {
    callId: 'a',
    sum: { tokens: 1, nanoUsd: 0 },
    output,
    maxOutput: null,
    isGoverned: true,
    onDisk: Promise.resolve(),
  };
  const call = { ledger, spender, prices: { dated: '2026-01-01', models: {} }, provider, request };
  const reader = replyMeter(format, { type: 'application/json', encoding: '' });
  reader.take(Buffer.from(JSON.stringify(answer)));
  await openCallMeter()
    .settlement(call, grant)
    .done(await reader.finish(), { status: 200, whole: true });
  return written[0] ?? assert.fail('nothing is written down');
}

describe('the share of a call', () => {
  it('holds all answers together, and lowers the limit of each', () => {
    const { chat, plain, gemini } = { chat: wireOf('chat'), plain: wireOf('plain'), gemini: wireOf('gemini') };
    assert.equal(chat.ask({ max_tokens: 100, n: 50 }).answers, 50);
    assert.equal(plain.ask({ max_tokens: 100, n: 2, best_of: 20 }).answers, 20);
    assert.equal(plain.ask({ max_tokens: 100, n: 2, prompt: ['a', 'b', 'c'] }).answers, 6);
    assert.equal(plain.ask({ max_tokens: 100, prompt: [1, 2, 3] }).answers, 1);
    assert.equal(gemini.ask({ generationConfig: { candidateCount: 4 } }).answers, 4);
    const whole = decided(10_000, 100, 50);
    assert.deepEqual(whole.say === 'go' && [whole.output, whole.maxOutput], [5_000, null]);
    const less = decided(20_100, 1_000, 50);
    assert.deepEqual(less.say === 'go' && [less.output, less.maxOutput], [20_000, 400]);
    const none = decided(2_000, 100, 50);
    assert.equal(
      none.say === 'exhausted' && exhaustedWords(none),
      'the budget of the farm of 2,000 tokens a day has no room for this call: 0 tokens are spent, and it may take 5,100 tokens at least.',
    );
  });

  it('never raises a limit of a request, and lowers every one that it has', () => {
    const { format } = wireOf('chat');
    assert.deepEqual(format.rewrite({ max_tokens: 100 }, { maxOutput: 1_856 }), { max_tokens: 100 });
    const two = { max_tokens: 9, max_completion_tokens: 9_000 };
    assert.equal(wireOf('chat').ask(two).maxOutput, 9_000);
    assert.deepEqual(format.rewrite(two, { maxOutput: 50 }), { max_tokens: 9, max_completion_tokens: 50 });
    assert.deepEqual(wireOf('plain').format.rewrite({}, { maxOutput: 50 }).max_tokens, 50);
  });

  it('refuses numbers that a provider could read otherwise', () => {
    for (const body of [{ n: '50' }, { n: 500 }, { n: 0 }, { max_tokens: '10' }, { max_tokens: -1 }, { best_of: 1.5 }])
      assert.match(wireOf('chat').ask(body).refusal ?? '', /: a whole number of /, JSON.stringify(body));
    assert.match(wireOf('gemini').ask({ generation_config: {} }).refusal ?? '', /camel case/);
    assert.match(wireOf('gemini').ask({ generationConfig: { candidateCount: 99 } }).refusal ?? '', /1 to 8/);
    assert.match(wireOf('anthropic').ask({ max_tokens: '5' }).refusal ?? '', /max_tokens/);
    assert.match(wireOf('responses').ask({ max_output_tokens: 1e18 }).refusal ?? '', /max_output_tokens/);
  });

  for (const odd of ['1000', -500, 10 ** 18, 1.5])
    it(`estimates what an answer took that tells ${JSON.stringify(odd)} tokens, and says so`, async () => {
      const text = 'word '.repeat(120);
      const usage = { input_tokens: odd, output_tokens: odd };
      const anthropic = await metered('anthropic', { content: [{ type: 'text', text }], usage });
      assert.deepEqual([anthropic.estimated, anthropic.source], [true, 'estimate']);
      assert.deepEqual([anthropic.usage.input_tokens, anthropic.usage.output_tokens], [100, 201]);
      const choices = [{ message: { content: text } }];
      const chat = await metered('chat', { choices, usage: { prompt_tokens: 7, completion_tokens: odd } });
      assert.deepEqual([chat.estimated, chat.usage.output_tokens], [true, 200]);
      const responses = await metered('responses', { output: [], usage });
      assert.deepEqual([responses.estimated, responses.usage.output_tokens], [true, 500]);
      const gemini = await metered('gemini', {
        candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: odd, candidatesTokenCount: 3 },
      });
      assert.deepEqual([gemini.estimated, gemini.usage.input_tokens, gemini.usage.output_tokens], [true, 100, 200]);
    });
});
