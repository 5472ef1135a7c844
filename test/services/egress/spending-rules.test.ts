import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { budgetsFor, newBalances, setBudget } from '../../../services/egress/rules/balances.ts';
import { circleWatch } from '../../../services/egress/rules/notice-circles.ts';
import { passedQuery, passedRequest } from '../../../services/egress/rules/passed-headers.ts';
import { costOf, priceOf } from '../../../services/egress/rules/price-table.ts';
import { sseFrames } from '../../../services/egress/rules/sse-frames.ts';
import { noUsage } from '../../../services/egress/rules/usage-counts.ts';

describe('the rules of the plane', () => {
  it('find the price of a model with and without the day that hangs on its name', () => {
    const table = {
      dated: '2026-01-01',
      models: { 'gpt-5': { input: 1.25, output: 10, cache_read: 0.125 }, 'claude-x': { input: 3, output: 15 } },
    };
    for (const name of ['gpt-5', 'gpt-5-2025-08-07', 'openai/gpt-5', 'gpt-5-latest'])
      assert.equal(priceOf(table, name)?.output, 10, name);
    assert.equal(priceOf(table, 'claude-x-20250929')?.input, 3);
    for (const name of ['gpt-5-mini', 'constructor', '__proto__', '']) assert.equal(priceOf(table, name), null, name);
    assert.equal(
      costOf({ ...noUsage, input_tokens: 3, cache_read_tokens: 1, output_tokens: 2 }, table.models['gpt-5']),
      3_750 + 125 + 20_000,
    );
  });

  it('choose every budget of a day or month, and of those per attempt the most specific one', () => {
    const balances = newBalances();
    const spender = { bottle_id: null, attempt_id: '1-1', agent: 'coder', project: 'web', owner: 'acme' };
    const common = { unit: 'tokens', owner: null, limit: 1, policy: null } as const;
    for (const [level, of] of [
      ['farm', 'farm'],
      ['owner', 'acme'],
      ['project', 'web'],
      ['project', 'api'],
      ['agent', 'web/coder'],
    ] as const)
      for (const per of ['attempt', 'day'] as const) setBudget(balances, { ...common, level, of, per });
    const found = () => budgetsFor(balances, spender).map(({ of, per }) => `${of} ${per}`);
    assert.deepEqual(found(), ['web/coder attempt', 'web/coder day', 'web day', 'acme day', 'farm day']);
    setBudget(balances, { ...common, level: 'attempt', of: '1-1', per: 'attempt' });
    assert.equal(found()[0], '1-1 attempt');
    setBudget(balances, { ...common, level: 'attempt', of: '1-1', per: 'attempt', limit: null });
    assert.equal(found()[0], 'web/coder attempt');
  });

  it('notice what is done again and again, alone or in turn, and nothing else', () => {
    const seen = (acts: string[]) => {
      const watch = circleWatch(4);
      return acts.findIndex((act) => watch.saw(act) !== null);
    };
    assert.equal(seen(['a', 'a', 'a', 'a']), 3);
    assert.equal(seen(['x', ...'abababab']), 8);
    assert.equal(seen([...'abcabcabcabc']), 11);
    assert.equal(seen([...'aaabaaabaaabaaab']), -1);
    assert.equal(seen([...'abcdefghijkl']), -1);
  });

  it('pass no header and no query that names a key, an account or another host', () => {
    const headers = {
      authorization: 'x',
      'x-api-key': 'x',
      'x-goog-api-key': 'x',
      cookie: 'x',
      host: 'x',
      'openai-organization': 'x',
      'openai-project': 'x',
      'x-forwarded-for': 'x',
      'anthropic-version': '1',
      'X-Stainless-Lang': 'js',
    };
    assert.deepEqual(passedRequest(headers), { 'anthropic-version': '1', 'x-stainless-lang': 'js' });
    assert.equal(passedQuery('?beta=true&key=abc&api_key=x&access_token=y'), '?beta=true');
  });

  it('leave events out of a stream and change no other byte, wherever it is parted', () => {
    const text = 'data: one\r\n\r\ndata: ours\n\n: ping\n\nevent: x\ndata: ünï\n\ndata: rest';
    for (let size = 1; size < 20; size += 1) {
      const frames = sseFrames(({ data }) => data === 'ours');
      const bytes = Buffer.from(text);
      const out: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(frames.take(bytes.subarray(at, at + size)));
      out.push(frames.end());
      assert.equal(Buffer.concat(out).toString(), text.replace('data: ours\n\n', ''), String(size));
    }
  });
});
