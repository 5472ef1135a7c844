import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalDone, withBottles } from '../../support/bottle-life.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const trouble = await levelTrouble('bwrap');
const skip = trouble ?? false;

test('an agent edits the tree of its bottle, runs the recipe itself, and what it leaves is a diff', {
  skip,
}, async () => {
  const script = [
    'cat > prompt.seen',
    'sh test.sh; echo "before: $?"',
    'echo 3 >> sum.txt',
    'sh test.sh; echo "after: $?"',
    'rm prompt.seen',
    'bottle report_progress text="The sum lacked a three."',
    signalDone,
  ].join('\n');
  await withBottles(script, async ({ run, diff, calls, log, events }) => {
    const bottle = await run();
    assert.equal(bottle.ended, 'done', `${bottle.why}\n${await log(bottle.id)}`);
    assert.deepEqual(bottle.done, { status: 'success', summary: 'The total is 6.' });
    assert.match(await diff(bottle.id), /^diff --git a\/sum.txt b\/sum.txt[\s\S]*\n\+3\n$/);
    assert.match(await log(bottle.id), /before: 1[\s\S]*after: 0/);
    assert.deepEqual(
      (await calls(bottle.id)).map(({ words, refused }) => ({ words, refused })),
      [
        { words: 'progress: The sum lacked a three.', refused: false },
        { words: 'signalled done: success', refused: false },
      ],
    );
    const [started] = await events('AgentRunStarted');
    assert.deepEqual(started?.data.manifest.chain, ['scripted']);
    assert.match(started?.data.manifest_digest ?? '', /^[0-9a-f]{64}$/);
  });
});
