import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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

/** The state letter of a process, `Z` once it has ended and nobody has asked for it. */
const stateOf = (pid: number) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

/** Holds this thread, and so its loop, until a child has ended. */
function holdUntilOver(pid: number | undefined) {
  assert.ok(pid);
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (stateOf(pid) !== 'Z') Atomics.wait(never, 0, 0, 1);
}

const isOurJudge = (pid: string) => {
  try {
    const [, parent] = /\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('gate-worker');
  } catch {
    return false;
  }
};

test('an answer is heard though its process has ended before, in the same turn of the loop as another child', async () => {
  const judging = judgeOffThread(cheat);
  const judge = Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && isOurJudge(name)));
  const other = spawn('echo', ['over'], { stdio: ['ignore', 'pipe', 'ignore'] });
  // Both the line and the end of the other are there at the next turn; the end of both is asked for after the line is read.
  other.stdout.once('data', () => holdUntilOver(judge));
  holdUntilOver(other.pid);
  const [first] = await judging;
  assert.equal(first?.rule, 'asks_about_tests');
});
