import assert from 'node:assert/strict';
import { test } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { startProvider } from '../../support/provider-server.ts';
import { until } from '../../support/until.ts';
import { type ForgeStage, repository, withBottledWork } from '../../support/work-stage.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const skip = (await levelTrouble('bwrap')) ?? false;

/** Asks a model as an agent does, looks around and works; with a memory of before it follows the review. */
const program = `
set -e
said='{"model":"claude-sonnet-4-5","max_tokens":64,"messages":[{"role":"user","content":"Go."}]}'
curl -fsS -H 'content-type: application/json' -H "x-api-key: $ANTHROPIC_API_KEY" -d "$said" "$ANTHROPIC_BASE_URL/v1/messages" >/dev/null
if [ -f "$CRAFTING_SESSION_DIR/memory" ]; then
  grep -q 'name it better' "$CRAFTING_PROMPT_FILE"
  bottle read_comments number=2 | grep -q 'name it better'
  sed -i 's/total1/totalOnce/' src/total1.js
  bottle post_comment number=2 body='The name says when.'
  bottle signal_done status=success summary="It has another name: $(cat "$CRAFTING_SESSION_DIR/memory")."
else
  bottle read_issue number=1 | grep -q 'rounded twice'
  echo 'const total1 = 1;' > src/total1.js
  perl lint.pl >/dev/null
  bottle post_comment number=1 body='I look at src, @ann. Closes #7'
  bottle post_comment number=1 body='I look at src, @ann. Closes #7'
  if bottle post_comment number=3 body='Hello.'; then exit 9; fi
  echo remembered > "$CRAFTING_SESSION_DIR/memory"
  bottle signal_done status=success summary='It is rounded once.'
fi
`;

test('an issue becomes a merged pull request by an agent in a bottle, which speaks, thaws for the review and is destroyed', {
  skip,
}, async () => {
  const provider = await startProvider();
  try {
    const env = { CRAFTING_ANTHROPIC_KEY: 'sk-the-real-key', CRAFTING_ANTHROPIC_URL: provider.url };
    const files = { 'src/ok.js': 'const ok = 1;\n' };
    await withBottledWork({ program, manifest: { gateway: ['anthropic'] }, env, files }, async (stage) => {
      const issue = await stage.opens('Totals are rounded twice', { body: 'See src.' });
      assert.equal(issue, 1);
      const shown = await stage.becomes(issue, ({ state }) => ['in_review', 'ended'].includes(state));
      assert.equal(shown.state, 'in_review', JSON.stringify(shown.failure ?? shown));
      assert.equal(shown.pull.number, 2);
      const [first] = await stage.events('AgentRunEnded');
      assert.deepEqual([first?.data.ended, first?.data.diff?.files], ['done', 1]);
      await saidOnce(stage);
      await isReviewed(stage);
      await isMerged(stage);
    });
  } finally {
    await provider.close();
  }
});

const calls = async (stage: ForgeStage) => (await stage.events('BottleCalled')).map(({ data }) => data.words);
const answers = (stage: ForgeStage, number: number) =>
  stage.own(number).filter(({ body }) => !body.startsWith('**crafting-table**'));

async function saidOnce(stage: ForgeStage): Promise<void> {
  assert.deepEqual(await calls(stage), [
    'read #1',
    'posted a comment to #1',
    'posted a comment to #1',
    'refused: comment on #3 is out of scope',
    'signalled done: success',
  ]);
  const said = answers(stage, 1);
  assert.equal(said.length, 1, 'the same words are said once');
  assert.match(said[0]?.body ?? '', /I look at src[\s\S]*<summary>Provenance<\/summary>/);
  assert.doesNotMatch(said[0]?.body ?? '', /(?<![\w`])@ann|Closes #7/, 'it calls nobody, and closes nothing');
}

async function isReviewed(stage: ForgeStage): Promise<void> {
  await stage.reviews(2, {
    author: 'bob',
    state: 'REQUEST_CHANGES',
    lines: [{ path: 'src/total1.js', line: 1, body: 'name it better' }],
  });
  const isAnswered = ({ turn, state, asked }: Json) => turn === 2 && state === 'in_review' && asked.length === 0;
  await stage.becomes(1, isAnswered);
  const [thread, ...others] = stage.talk.linesOf(repository, 2).filter(({ author }) => author === 'crafting-table');
  assert.match(thread?.body ?? '', /It has another name: remembered\./);
  // One call of 100 tokens in this run, past the gateway; the status says it when the turn is over.
  const spent = /\| egress \| `127\.0\.0\.1:\d+`; requests 1, tokens 100, 0\.000\d USD \|/;
  assert.match(thread?.body ?? '', spent);
  await until(() => spent.test(stage.own(1)[0]?.body ?? ''));
  assert.equal(others.length, 0);
  assert.match(
    stage.talk
      .ofThread(repository, 'pull', 2)
      .map(({ body }) => body)
      .join('\n'),
    /The name says when\./,
  );
  const [pull] = stage.forge.pulls;
  assert.equal(stage.forge.pulls.length, 1);
  const source = git(stage.parts.bare, 'show', `${pull?.head}:src/total1.js`);
  assert.equal(source.trim(), 'const totalOnce = 1;');
}

async function isMerged(stage: ForgeStage): Promise<void> {
  const ended = await stage.events('AgentRunEnded');
  const kept = ended.map(({ data }) => data.session ?? '');
  for (const digest of kept) assert.notEqual(await stage.farm.store.bottles.get(digest), null);
  stage.forge.merge(2);
  await stage.tell(2, { place: 'pull', action: 'closed' });
  const over = await stage.becomes(1, ({ state }) => state === 'ended');
  assert.deepEqual([over.outcome, over.bottles.length], ['merged', 2]);
  assert.equal(stage.talk.find(repository, 1)?.state, 'closed');
  await until(async () => (await stage.events('BottleDestroyed')).length === 2);
  for (const digest of kept) await until(async () => (await stage.farm.store.bottles.get(digest)) === null);
}
