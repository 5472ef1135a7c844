import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJoinedRun, createQueue, unlessAborted } from '../../../../../services/io/git/mirrors/joined-run.ts';

function manualRuns() {
  const ends: ((value: number | Error) => void)[] = [];
  const start = (): Promise<number> =>
    new Promise((resolve, reject) => {
      ends.push((value) => (value instanceof Error ? reject(value) : resolve(value)));
    });
  return { ends, start };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who comes during a run shares the run after it', async () => {
  const { ends, start } = manualRuns();
  const join = createJoinedRun(start);
  const first = join();
  const late = [join(), join(), join()];
  assert.equal(ends.length, 1);
  ends[0]?.(1);
  assert.equal(await first, 1);
  await turn();
  assert.equal(ends.length, 2);
  const later = join();
  ends[1]?.(2);
  assert.deepEqual(await Promise.all(late), [2, 2, 2]);
  await turn();
  ends[2]?.(3);
  assert.equal(await later, 3);
});

test('a failed run fails those who share it, and not the next', async () => {
  const { ends, start } = manualRuns();
  const join = createJoinedRun(start);
  const first = join();
  const late = join();
  ends[0]?.(new Error('down'));
  await assert.rejects(first, /down/);
  await turn();
  ends[1]?.(2);
  assert.equal(await late, 2);
});

test('at most one run is under way', async () => {
  let under = 0;
  let most = 0;
  const join = createJoinedRun(async () => {
    under += 1;
    most = Math.max(most, under);
    await turn();
    under -= 1;
  });
  const all: Promise<void>[] = [];
  for (let n = 0; n < 30; n += 1) {
    all.push(join());
    if (n % 3 === 0) await Promise.resolve();
    if (n % 7 === 0) await turn();
  }
  await Promise.all(all);
  assert.equal(most, 1);
});

test('queued tasks run one after the other, whatever becomes of them', async () => {
  const queue = createQueue();
  const order: string[] = [];
  const failing = queue(async () => {
    await turn();
    order.push('first');
    throw new Error('first fails');
  });
  const second = queue(async () => order.push('second'));
  await assert.rejects(failing, /first fails/);
  await second;
  assert.deepEqual(order, ['first', 'second']);
});

test('a caller that gives up gets its own reason while the work goes on', async () => {
  const { ends, start } = manualRuns();
  const work = start();
  const abort = new AbortController();
  const waiting = unlessAborted(work, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  ends[0]?.(7);
  assert.equal(await unlessAborted(work, undefined), 7);
});
