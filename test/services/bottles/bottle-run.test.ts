import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayAsPrinted } from '../../documents/say-as-printed.ts';
import { signalDone, withBottles } from '../../support/bottle-life.ts';
import { twice } from '../../support/twice.ts';
import { until } from '../../support/until.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const trouble = await levelTrouble('bwrap');
const skip = trouble ?? false;
const names = { shop: 'p', fixer: 'scripted' };
const page = 'docs/bottles.md';
/** The id that the page shows. */
const shownId = '01m8qarw1m8ej3sj6t5ncfxgnh';

test('an agent edits the tree of its bottle, runs the recipe itself, and what it leaves is a diff', {
  skip,
}, async () => {
  const script = [
    'cat > prompt.seen',
    'sh test.sh; echo "before: $?"',
    'echo 3 >> sum.txt',
    'sh test.sh; echo "after: $?"',
    'rm prompt.seen',
    // Some agents run what they run in a login shell, which sets its own PATH.
    'bash -lc \'bottle report_progress text="The sum lacked a three."\'',
    signalDone,
  ].join('\n');
  await withBottles(
    script,
    async ({ farm, ended, diff, calls, log, events }) => {
      const asPrinted = (verb: string, id = '') =>
        sayAsPrinted({ page, farm, names: { ...names, [shownId]: id } }, verb);
      assert.match(await asPrinted('agents shop fixer'), /scripted/);
      assert.match(await asPrinted('bottles start'), /before: 1[\s\S]*after: 0/);
      const [{ id }] = (await farm.http.get('/bottles')).json.bottles;
      assert.match(await asPrinted('bottles'), new RegExp(id));
      assert.match(await asPrinted(`bottles show ${shownId}`, id), /progress: The sum lacked a three/);
      assert.match(await asPrinted(`bottles show ${shownId} --diff`, id), /^diff --git a\/sum.txt b\/sum.txt/);
      const bottle = await ended(id);
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
      assert.equal((await events('AgentRunEnded')).length, 1);
      assert.equal((await events('JobEnqueued')).length, 1);
    },
    { parts: { consumer: twice } },
  );
});

test('a bottle is stopped while it runs: what it left is kept, and of one that is killed nothing', {
  skip,
}, async () => {
  await withBottles('echo 3 >> sum.txt; bottle report_progress text=begun; sleep 300', async (life) => {
    const { ask, ended, calls, diff, farm } = life;
    const begun = async () => {
      const id = await ask();
      await until(async () => ((await calls(id)).length > 0 ? true : undefined));
      return id;
    };
    const stopped = await begun();
    assert.equal((await farm.http.post(`/bottles/${stopped}/stop`, { reason: 'enough' })).status, 200);
    assert.deepEqual([(await ended(stopped)).ended, (await diff(stopped)).includes('+3')], ['stopped', true]);
    const frozen = await begun();
    await sayAsPrinted({ page, farm, names: { [shownId]: frozen } }, 'bottles stop');
    assert.deepEqual([(await ended(frozen)).ended, (await diff(frozen)).includes('+3')], ['frozen', true]);
    assert.equal((await ended(frozen)).why, 'admin had it frozen: It goes in circles.');
    const killed = await begun();
    assert.equal((await farm.http.post(`/bottles/${killed}/stop`, { policy: 'kill' })).status, 200);
    const { ended: how, session } = await ended(killed);
    assert.deepEqual([how, session, await diff(killed)], ['killed', null, '']);
  });
});

test('a program that is not there, and an agent that nobody knows, are said in words', { skip }, async () => {
  await withBottles('no-such-agent-program', async ({ run, farm }) => {
    const bottle = await run();
    assert.deepEqual([bottle.ended, bottle.exit_code], ['failed', 127]);
    assert.match(bottle.why, /program was not found/);
    const unknown = await farm.http.post('/bottles', { project: 'p', agent: 'nobody', prompt: 'x' });
    assert.equal(unknown.status, 404);
    assert.match(unknown.json.detail, /no agent nobody; there are claude, codex, generic, scripted/);
  });
});
