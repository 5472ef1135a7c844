import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../support/until.ts';
import { repository, withWork } from '../../support/work-stage.ts';

const good = (n: number) => ({ [`src/total${n}.js`]: `const total${n} = 1;\n` });

for (const on of ['gitea', 'github', 'gitlab'] as const)
  describe(`work that comes from an issue on ${on}`, () => {
    it('goes from a label to a proven pull request, a review that is answered in its thread, and the merge', () =>
      withWork(
        {
          on,
          agent: ({ prompt }, turn) => {
            if (turn === 1) {
              assert.match(prompt, /Work on issue 1 of acme\/app/);
              assert.match(prompt, /Totals are rounded twice/);
              return { files: good(1), summary: 'It is rounded once.' };
            }
            assert.match(prompt, /name it better/);
            return { files: { 'src/total1.js': 'const totalOnce = 1;\n' }, summary: 'It has another name.' };
          },
        },
        async (stage) => {
          const issue = await stage.opens('Totals are rounded twice', { body: 'See src.' });
          const shown = await stage.becomes(issue, ({ state }) => state === 'in_review');
          assert.deepEqual([shown.by, shown.trigger, shown.round, shown.turn], ['ann', 'label', 1, 1]);
          const [pull] = stage.forge.pulls;
          assert.match(pull?.body ?? '', new RegExp(`Closes #${issue}`));
          assert.equal(shown.pull.number, pull?.number);
          const [status] = stage.own(issue);
          await until(() => /is open, and waits for your review/.test(stage.own(issue)[0]?.body ?? ''));
          assert.ok(status);
          await stage.reviews(shown.pull.number, {
            author: 'bob',
            state: 'REQUEST_CHANGES',
            lines: [{ path: 'src/total1.js', line: 1, body: 'name it better' }],
          });
          const again = await stage.becomes(
            issue,
            ({ turn, state, asked }) => turn === 2 && state === 'in_review' && asked.length === 0,
          );
          assert.equal(stage.forge.pulls.length, 1, 'one pull request for its whole life');
          assert.equal(again.pull.number, shown.pull.number);
          assert.ok(stage.bottles.asked[1]?.session, 'the same session goes on');
          const answers = stage.talk
            .linesOf(repository, shown.pull.number)
            .filter(({ author }) => author === 'crafting-table');
          assert.equal(answers.length, 1);
          assert.match(answers[0]?.body ?? '', /It has another name/);
          assert.match(answers[0]?.body ?? '', /<summary>Provenance<\/summary>/);
          stage.forge.merge(shown.pull.number);
          await stage.tell(shown.pull.number, { place: 'pull', action: 'closed' });
          const over = await stage.becomes(issue, ({ state }) => state === 'ended');
          assert.deepEqual([over.outcome, over.bottles.length], ['merged', 2]);
          assert.equal(
            stage.own(issue).filter(({ place }) => place === 'issue').length,
            1,
            'one comment, edited ever after',
          );
          await until(() => /was merged/.test(stage.own(issue)[0]?.body ?? ''));
          assert.equal(stage.talk.find(repository, issue)?.state, 'closed');
        },
      ));
  });
