import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bottleBucket } from '../../../events/streams.ts';
import { signalDone, withBottles } from '../../support/bottle-life.ts';
import { until } from '../../support/until.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const skip = (await levelTrouble('bwrap')) ?? false;

test('a frozen session goes on with its files and its tree, and what it leaves is the whole diff', {
  skip,
}, async () => {
  const script = [
    'cat "$CRAFTING_SESSION_DIR/memory" 2>/dev/null || echo "nothing remembered"',
    'cat sum.txt | tr "\\n" " "',
    'grep -v "^$" | tail -n 1',
    'echo "met $CRAFTING_BOTTLE" >> "$CRAFTING_SESSION_DIR/memory"',
    'ln -s /etc/passwd "$CRAFTING_SESSION_DIR/link"; mkfifo "$CRAFTING_SESSION_DIR/pipe"',
    'echo 3 >> sum.txt',
    signalDone,
  ].join('\n');
  await withBottles(script, async ({ run, log, diff, farm, events }) => {
    const first = await run();
    assert.match(await log(first.id), /nothing remembered/);
    const second = await run({ session: first.session, prompt: 'And once more.' });
    const said = await log(second.id);
    assert.match(said, new RegExp(`met ${first.id}`), second.why);
    assert.match(said, /1 2 3 And once more/);
    assert.deepEqual([second.thawed, second.sha], [first.session, first.sha]);
    assert.match(await diff(second.id), /\+3\n\+3\n/);
    const refused = await farm.http.post('/bottles', {
      ...{ project: 'p', agent: 'scripted', prompt: 'x', session: 'f'.repeat(64) },
    });
    assert.equal(refused.status, 400);
    assert.match(refused.json.detail, /no bottle of p left this state/);

    // What was sealed says nothing to who reads the server's store.
    const { jsm } = farm.store.nats;
    const bucket = `OBJ_${bottleBucket.name}`;
    const { state } = await jsm.streams.info(bucket);
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const stored = await jsm.streams.getMessage(bucket, { seq }).catch(() => null);
      assert.doesNotMatch(Buffer.from(stored?.data ?? []).toString('latin1'), /met |diff --git/);
    }
    await farm.store.log.append({
      type: 'BottleDestroyed',
      id: first.id,
      data: { bottle_id: first.id, project: 'p', by: 'test', reason: 'over' },
    });
    await until(async () => ((await farm.store.bottles.get(first.session)) === null ? true : undefined));
    assert.notEqual(await farm.store.bottles.get(second.session), null);
    assert.equal((await events('AgentRunEnded')).length, 2);
  });
});

test('of a session that is larger than may be kept, the next run has the tree and is told that it remembers nothing', {
  skip,
}, async () => {
  const script = [
    'ls "$CRAFTING_SESSION_DIR" | tr "\\n" " "; cat sum.txt | tr "\\n" " "; grep -o "you remember nothing" || true',
    'head -c 17000000 /dev/zero > "$CRAFTING_SESSION_DIR/transcript"',
    'echo 3 >> sum.txt',
    signalDone,
  ].join('\n');
  await withBottles(script, async ({ run, log, diff }) => {
    const first = await run();
    assert.match(await log(first.id), /its session has more than 16 MiB and 2,000 files/);
    assert.ok(first.session, 'its diff is kept');
    const second = await run({ session: first.session });
    assert.match(await log(second.id), /1 2 3 you remember nothing/);
    assert.match(await diff(second.id), /\+3\n\+3\n/);
  });
});
