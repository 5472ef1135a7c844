import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOffThread } from '../../../../services/patcher/gate/patch-gate.ts';
import { modified } from '../../../support/patch-corpus.ts';

const judged = (before: string, after: string) => ({
  files: [modified('shop/cart.py', before, after)],
  subproject: '.',
  method: 'agent' as const,
});
const cheat = judged(
  'def total(items):\n    return 1\n',
  'import sys\n\ndef total(items):\n    return "pytest" in sys.modules\n',
);

test('a patch is judged in a process of its own, and the refusal names rule, node and line', async () => {
  const [first] = await judgeOffThread(cheat);
  assert.equal(first?.rule, 'asks_about_tests');
  assert.equal(first?.line, 4);
  assert.match(first?.why ?? '', /^\w+ ".*(?:pytest|sys.modules)/);
  assert.deepEqual(await judgeOffThread(judged('x = 1\n', 'x = 2\n')), []);
});

test('a patch that takes too long or too much memory is refused in words', async () => {
  const text = 'def total(items):\n    return sum(items)\n'.repeat(5_000);
  const slow = await judgeOffThread(judged(text, `${text}x = 1\n`), { ms: 1, mb: 1_024 });
  const large = await judgeOffThread(judged(text, `${text}x = 1\n`), { ms: 120_000, mb: 8 });
  assert.deepEqual(
    [slow, large].map(([one]) => one?.rule),
    ['not_understood', 'not_understood'],
  );
  assert.match(slow[0]?.why ?? '', /seconds/);
  assert.match(large[0]?.why ?? '', /MB of memory/);
});
