import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { truthHistory } from '../../bench/truth-history.ts';
import { openTruthFarm, type TruthFarm, type TruthWay, walkTruth } from '../../bench/truth-walk.ts';

let dir = '';
let farm: TruthFarm;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ct-truth-'));
  farm = await openTruthFarm(dir);
});
after(async () => {
  await farm?.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const mixed: readonly TruthWay[] = ['hand', 'poll', 'push', 'rerun', 'schedule'];

test('in a history whose jobs are started in every way each finding stands as a careful reader says', async () => {
  const wayOf = (at: number) => mixed[at % mixed.length] as TruthWay;
  const tally = await walkTruth(farm, { dir, name: 'mixed', history: truthHistory(7, 18, { hides: true }), wayOf });
  assert.deepEqual(tally.words, []);
  assert.equal(tally.exact, 18);
});

test('so it does when the commits are run in a random order', async () => {
  const tally = await walkTruth(farm, {
    dir,
    name: 'random',
    history: truthHistory(23, 12),
    wayOf: () => 'random',
    seed: 23,
  });
  assert.deepEqual(tally.words, []);
  assert.equal(tally.exact, 12);
});
