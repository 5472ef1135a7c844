import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { paced } from '../../support/pace.ts';
import type { ScriptedAgent } from '../../support/scripted-bottles.ts';
import { thorough } from '../../support/thorough.ts';
import { until } from '../../support/until.ts';
import { repository, type WorkStage, withWork } from '../../support/work-stage.ts';

const good = (n: number) => ({ [`src/total${n}.js`]: `const total${n} = 1;\n` });

const updates = {
  gitea: 'gitea PATCH /repos/{owner}/{repo}/pulls/',
  github: 'github PATCH /repos/{owner}/{repo}/pulls/',
  gitlab: 'gitlab PUT /projects/{id}/merge_requests/',
};

for (const on of ['gitea', 'github', 'gitlab'] as const)
  describe(`work that comes from an issue on ${on}`, () => {
    it('goes from a label to a proven pull request, a review that is answered in its thread, and the merge', () =>
      withWork(
        {
          on,
          parts: { patience: { ackWaitMs: paced(5_000), maxArrivals: 7, pauseMs: 2 } },
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
          // What was proven is told once the forge takes it, however often it is tried until then.
          stage.forge.failNext({ route: updates[on], status: 301, times: 9 });
          await stage.reviews(shown.pull.number, {
            author: 'bob',
            state: 'REQUEST_CHANGES',
            lines: [{ path: 'src/total1.js', line: 1, body: 'name it better' }],
          });
          const again = await stage.becomes(
            issue,
            ({ turn, state, asked }) => turn === 2 && state === 'in_review' && asked.length === 0,
          );
          assert.equal(stage.forge.failing(), 0);
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

/** Of the other two, the whole check. */
for (const on of thorough ? (['github', 'gitlab', 'gitea'] as const) : (['github'] as const))
  describe(`a forge that is hard to hear: ${on}`, () => {
    const names: Record<number, string> = { 1: 'total', 2: 'better' };
    const agent: ScriptedAgent = (_asked, turn) => ({
      files: { 'src/total.js': `const ${names[turn] ?? 'more'} = 1;\n` },
      summary: `Turn ${turn}.`,
    });
    const isAnswered = ({ turn, state, asked }: Json) => turn === 2 && state === 'in_review' && asked.length === 0;
    const review = {
      author: 'bob',
      state: 'REQUEST_CHANGES' as const,
      lines: [{ path: 'src/total.js', line: 1, body: 'Why?' }],
    };
    const wasHeardOnce = async (stage: WorkStage, issue: number, pull: number) => {
      const said = stage.talk.comments.filter(({ author }) => author === 'crafting-table');
      assert.deepEqual(
        said.map(({ place, path }) => [place, path]).sort(),
        [
          ['issue', null],
          ['pull', 'src/total.js'],
        ],
        'one status, one answer',
      );
      assert.equal(stage.talk.find(repository, issue)?.state, 'closed');
      assert.deepEqual(
        [stage.forge.pulls.length, pull, stage.bottles.asked.length],
        [1, stage.forge.pulls[0]?.number, 2],
      );
      for (const type of ['IssueTargeted', 'IssueClaimed', 'ReviewCommented', 'ReviewAnswered', 'WorkEnded'] as const)
        assert.equal((await stage.events(type)).length, 1, type);
    };

    it('tells everything twice, late and out of order: there is one round, and one answer', () =>
      withWork({ on, agent, files: { 'src/ok.js': 'const ok = 1;\n' } }, async (stage) => {
        const twice = async (number: number, told: Parameters<WorkStage['tell']>[1], delivery: string) => {
          // A forge sends once more what was not answered in time; GitLab with the same id, others with the same bytes.
          for (let time = 0; time < 2; time += 1) await stage.tell(number, told, delivery);
        };
        const changed = { place: 'pull', action: 'synchronize' } as const;
        await twice(1, changed, 'before-anything-1');
        const issue = await stage.opens('Totals', { silent: true });
        await twice(issue, { what: 'said', action: 'created' }, 'said-before-opened');
        await twice(issue, { action: 'labeled' }, 'labeled');
        const { pull } = await stage.becomes(issue, ({ state }) => state === 'in_review');
        await twice(issue, { action: 'opened' }, 'opened-late');
        stage.talk.review(repository, pull.number, review);
        await twice(pull.number, changed, 'changed-before-said');
        await twice(pull.number, { place: 'pull', what: 'said', action: 'created' }, 'said');
        await stage.becomes(issue, isAnswered);
        stage.forge.merge(pull.number);
        await twice(pull.number, { place: 'pull', what: 'said', action: 'created' }, 'said-late');
        await twice(pull.number, { place: 'pull', action: on === 'gitlab' ? 'merge' : 'closed' }, 'merged');
        await stage.becomes(issue, ({ state }) => state === 'ended');
        await twice(issue, { action: 'labeled' }, 'labeled-again-late');
        await until(async () => (await stage.events('ForgeEventReceived')).length >= 9);
        await stage.quiet();
        await wasHeardOnce(stage, issue, pull.number);
      }));

    it('sends no hook, is down for an hour and asks for patience: it is asked less, and nothing is given up', () => {
      const clock = movedClock();
      const env = { CRAFTING_ORCHESTRATOR_POLL_SECS: '60', CRAFTING_PATCHER_POLL_SECS: '60' };
      const files = { 'src/ok.js': 'const ok = 1;\n' };
      return withWork({ on, agent, files, env, parts: { clock } }, async (stage) => {
        const asked = () =>
          Object.entries(stage.forge.calls).reduce((sum, [key, count]) => sum + (key.startsWith(on) ? count : 0), 0);
        /** Minutes pass, until it is so. */
        const later = (isSo: (work: Json) => boolean) =>
          until(async () => {
            await clock.forward(60_000);
            const work = await stage.work(issue);
            return work && isSo(work) ? work : null;
          });
        const issue = await stage.opens('Totals', { silent: true });
        stage.forge.failNext({ route: on, status: 503, times: 1_000_000 });
        const before = asked();
        for (let minute = 0; minute < 60; minute += 1) await clock.forward(60_000);
        assert.ok(asked() - before > 0, 'it was asked');
        assert.ok(asked() - before < 60, `it was left alone: ${asked() - before} calls`);
        assert.equal(await stage.work(issue), null);
        stage.forge.calm();
        const { pull } = await later(({ state }) => state === 'in_review');
        // For longer than anybody would wait by himself, whatever it is that is asked next.
        stage.forge.failNext({ route: on, status: on === 'github' ? 403 : 429, retryAfterSecs: 1_800, times: 1 });
        await until(async () => {
          await clock.forward(60_000);
          return (await stage.work(issue)) !== null && stage.forge.failing() === 0;
        });
        stage.talk.review(repository, pull.number, review);
        await later(isAnswered);
        stage.forge.merge(pull.number);
        await later(({ state }) => state === 'ended');
        await until(() => /was merged/.test(stage.own(issue).find(({ place }) => place === 'issue')?.body ?? ''));
        await wasHeardOnce(stage, issue, pull.number);
      });
    });
  });
