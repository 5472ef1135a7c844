import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proposeDiff } from '../../../services/bottles/propose-diff.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { signalDone } from '../../support/bottle-life.ts';
import { testConfig } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const trouble = await levelTrouble('bwrap');
const files = { 'src/a.js': 'const c = "worse";\n' };
const agents = (program: string) => ({ fixer: { program, time_limit_secs: 120 } });
const env = { CRAFTING_SANDBOX: 'bwrap' };

const bottleOf = async ({ http }: PatchLife, body: Record<string, unknown>) => {
  const asked = await http.post('/bottles', { project: 'p', agent: 'fixer', prompt: 'Do it.', ...body });
  assert.equal(asked.status, 202, asked.text);
  return until(async () => {
    const { bottle } = (await http.get(`/bottles/${asked.json.bottle.id}`)).json;
    return bottle.status === 'ended' ? (bottle as Json) : null;
  });
};

const models = ({ models: own }: PatchLife['farm']) => own ?? assert.fail('the farm has no read models');

const proposing = ({ farm, parts }: PatchLife) => ({
  ...{ log: farm.store.log, query: models(farm).query, bottles: farm.store.bottles, clock: systemClock },
  config: testConfig(farm.dir, parts.env),
});

describe('an attempt of an agent in a bottle', { skip: trouble ?? false }, () => {
  it('mends a finding, is told what was wrong with its first draft, and goes on with its session', async () => {
    const program = [
      'cat >> "$CRAFTING_SESSION_DIR/prompts"',
      'if [ "$(grep -c "Your last change" "$CRAFTING_SESSION_DIR/prompts")" = 0 ]; then',
      '  echo "const d = 1;" >> src/a.js',
      'else',
      '  sed -i "s/worse/fine/; /const d/d" src/a.js',
      'fi',
      'perl lint.pl > /dev/null || echo "still found"',
      signalDone,
    ].join('\n');
    const project = { agents: agents(program), patch: { kinds: ['lint'], methods: ['bottle'], agent: 'fixer' } };
    await withLife({ files, project, env }, async ({ run, proposed, events, parts, http }) => {
      const attempt = await proposed(await run());
      assert.deepEqual(
        attempt.sent_back.map((one: Json) => [one.method, one.reason]),
        [['bottle', 'still_there']],
      );
      assert.equal(attempt.method, 'bottle');
      const [first, second] = await events('AgentRunEnded');
      const [, again] = await events('AgentRunRequested');
      assert.equal(again?.data.session, first?.data.session);
      assert.match(again?.data.prompt ?? '', /Still there on the patched tree/);
      assert.equal(second?.data.diff?.files, 1);
      assert.match(parts.forge.pulls[0]?.body ?? '', /made by an agent at work in a bottle/);
      // What it worked for is over: nothing of it is kept.
      await http.post(`/patches/${attempt.id}/stop`, { reason: 'enough' });
    });
  });

  it('is proposed where nothing was found, proven against its own base, and closed with its sessions', async () => {
    const program = `echo "const e = \\"fine\\";" > src/b.js; ${signalDone}`;
    await withLife({ files, project: { agents: agents(program) }, env }, async (life) => {
      const { becomes, parts, events, farm, tell } = life;
      const bottle = await bottleOf(life, {});
      const proposal = { bottle_id: bottle.id, title: 'Add b', summary: 'There was no b.', by: 'ann' };
      const { patch_id } = await proposeDiff(proposal, proposing(life));
      assert.deepEqual(await proposeDiff(proposal, proposing(life)), { patch_id });
      const open = await becomes(patch_id, ({ status, open: goesOn }) => status === 'pr_opened' || !goesOn);
      assert.equal(open.status, 'pr_opened', JSON.stringify(open.failure));
      assert.equal(open.bottle.bottle_id, bottle.id);
      const [pull] = parts.forge.pulls;
      assert.equal(pull?.title, 'Add b');
      assert.match(pull?.body ?? '', /nothing that passed on the base commit fails with it[\s\S]*There was no b/);
      assert.deepEqual(open.evidence.targets, []);

      // Its agent goes on: the same branch and pull request show what it left then.
      const later = await bottleOf(life, { session: bottle.session, sha: bottle.sha });
      const next = { ...proposal, bottle_id: later.id, title: 'Add b, again', follows: patch_id };
      assert.deepEqual(await proposeDiff(next, proposing(life)), { patch_id });
      await until(async () => (await events('PrUpdated')).length === 1);
      assert.equal(parts.forge.pulls.length, 1);
      assert.equal(parts.forge.pulls[0]?.title, 'Add b, again');

      if (pull) Object.assign(pull, { state: 'closed', merged: true });
      await tell(open.pr_number);
      await until(async () => (await events('BottleDestroyed')).length === 2);
      await until(async () => ((await farm.store.bottles.get(bottle.session)) === null ? true : undefined));
    });
  });

  it('comes to nothing where it makes a recipe worse, and says so', async () => {
    const program = `echo "const e = \\"worse\\";" > src/b.js; ${signalDone}`;
    await withLife(
      { files: { 'src/a.js': 'const c = 1;\n' }, project: { agents: agents(program) }, env },
      async (life) => {
        const bottle = await bottleOf(life, {});
        const proposal = { bottle_id: bottle.id, title: 'Add b', summary: '', by: 'ann' };
        const { patch_id } = await proposeDiff(proposal, proposing(life));
        const { failure } = await life.becomes(patch_id, ({ open }) => !open);
        assert.deepEqual([failure.step, failure.reason], ['verify', 'new_findings']);
        assert.equal(life.parts.forge.pulls.length, 0);
      },
    );
  });
});
