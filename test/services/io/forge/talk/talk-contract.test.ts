import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { openTalk } from '../../../../../services/io/forge/talk/open-talk.ts';
import type { Talk } from '../../../../../services/io/forge/talk/talk.ts';
import { startForgeServer } from '../../../../support/forge-server.ts';

const token = 'forge-token-0123456789';
const repository = 'acme/shop';
const clock = { now: () => Date.now() };

function talkTo(kind: 'gitea' | 'github' | 'gitlab', url: string): Talk {
  const instance = { name: kind, kind, url, api: null, repositories: null, ca: null };
  const talk = openTalk({ instance: { ...instance, secret: { kind: 'token', token } }, repository }, clock);
  assert.ok(talk);
  return talk;
}

for (const kind of ['gitea', 'github', 'gitlab'] as const)
  describe(`what is said on ${kind}`, () => {
    const begin = async (context: TestContext) => {
      const server = await startForgeServer(context, { token, users: ['ann', 'bob', 'eve', 'crafting-table'] });
      server.talk.join('acme', 'Ann');
      return { server, talk: talkTo(kind, server.url) };
    };
    const withPull = async (context: TestContext) => {
      const { server, talk } = await begin(context);
      const { openForge } = await import('../../../../../services/io/forge/open-forge.ts');
      const instance = { name: kind, kind, url: server.url, api: null, repositories: null, ca: null };
      const forge = openForge({ instance: { ...instance, secret: { kind: 'token', token } }, repository }, clock);
      const people = { labels: [], assignees: [] };
      const { number } = (await forge?.openPull({ head: 'x', base: 'main', title: 't', body: 'b', ...people })) ?? {};
      assert.ok(number);
      return { server, talk, number };
    };

    it('tells members from strangers, whatever the case of their names', async (context) => {
      const { talk } = await begin(context);
      assert.equal(await talk.me(), 'crafting-table');
      assert.deepEqual([await talk.isMember('acme', 'ann'), await talk.isMember('acme', 'eve')], [true, false]);
      assert.equal(await talk.isMember('acme', 'nobody-at-all'), false);
      assert.equal(await talk.isMember('no-such-organisation', 'ann'), false);
    });

    it('reads an issue, and who put its label and assigned whom', async (context) => {
      const { server, talk } = await begin(context);
      const issue = server.openIssue(repository, { title: 'Totals', body: 'are wrong', author: 'eve' });
      server.talk.label(issue, 'bug', 'eve');
      server.talk.label(issue, 'crafting-table:implementer', 'bob');
      server.talk.label(issue, 'crafting-table:implementer', 'bob', false);
      server.talk.label(issue, 'crafting-table:implementer', 'ann');
      server.talk.label(issue, 'bug', 'ann', false);
      server.talk.assign(issue, 'bob', 'ann');
      const read = await talk.read('issue', issue.number);
      const { title, body, author, state, labels, assignees, place } = read ?? {};
      assert.deepEqual([title, body, author, state, place], ['Totals', 'are wrong', 'eve', 'open', 'issue']);
      assert.deepEqual([labels, assignees], [['crafting-table:implementer'], ['bob']]);
      const marks = await talk.marks(issue.number);
      assert.deepEqual([...marks.labelled], [['crafting-table:implementer', 'ann']]);
      if (kind !== 'gitlab') assert.deepEqual([...marks.assigned], [['bob', 'ann']]);
      assert.equal(await talk.read('issue', 999), null);
    });

    it('lists the issues that changed since a time, without pull requests', async (context) => {
      const { server, talk } = await withPull(context);
      const old = server.openIssue(repository, { title: 'old' });
      old.updated = '2020-01-01T00:00:00.000Z';
      for (let n = 0; n < 120; n += 1) server.openIssue(repository, { title: `issue ${n}` });
      const changed = await talk.changedIssues('2021-01-01T00:00:00.000Z');
      assert.equal(changed.length, 120);
      assert.equal(changed[0]?.title, 'issue 119');
    });

    it('says something once, edits it, and finds it gone when somebody deleted it', async (context) => {
      const { server, talk } = await begin(context);
      const { number } = server.openIssue(repository, { title: 'one' });
      const said = await talk.say('issue', number, 'at work');
      await talk.edit('issue', number, said.id, 'done');
      const comments = await talk.comments('issue', number);
      assert.deepEqual(
        comments.map(({ id, author, body, kind: of }) => [id, author, body, of]),
        [[said.id, 'crafting-table', 'done', 'issue']],
      );
      server.talk.comments.splice(0);
      await assert.rejects(talk.edit('issue', number, said.id, 'again'), (error) => isAppError(error, 'not_found'));
    });

    it('reads threads of more than a page, oldest first', async (context) => {
      const { server, talk } = await begin(context);
      const { number } = server.openIssue(repository, { title: 'long' });
      for (let n = 0; n < 230; n += 1)
        server.talk.say({ repository, place: 'issue', number, author: 'ann', body: `said ${n}` });
      const comments = await talk.comments('issue', number);
      assert.deepEqual([comments.length, comments[0]?.body, comments.at(-1)?.body], [230, 'said 0', 'said 229']);
    });

    it('answers a comment of a review in its thread', async (context) => {
      const { server, talk, number } = await withPull(context);
      const { lines } = server.talk.review(repository, number, {
        author: 'ann',
        state: 'REQUEST_CHANGES',
        lines: [{ path: 'src/total.js', line: 3, body: 'round once' }],
      });
      const [seen] = (await talk.reviews(number)).filter(({ kind: of }) => of === 'review');
      assert.ok(seen);
      assert.deepEqual([seen.id, seen.author, seen.path, seen.line], [lines[0]?.id, 'ann', 'src/total.js', 3]);
      await talk.answer(number, seen, 'It is rounded once now.');
      const answer = server.talk.linesOf(repository, number).at(-1);
      assert.deepEqual([answer?.path, answer?.line, answer?.author], ['src/total.js', 3, 'crafting-table']);
      assert.equal(answer?.body, 'It is rounded once now.');
      const threads = (await talk.reviews(number))
        .filter(({ kind: of }) => of === 'review')
        .map(({ thread }) => thread);
      assert.equal(new Set(threads).size, 1, 'both stand in one thread');
    });

    it('reads what a whole review and a plain comment say, and no approval', async (context) => {
      const { server, talk, number } = await withPull(context);
      server.comment(number, 'is that all?');
      if (kind !== 'gitlab') {
        server.talk.review(repository, number, { author: 'ann', body: 'please rename' });
        server.talk.review(repository, number, { author: 'bob', state: 'APPROVED', body: 'fine' });
      }
      const said = (await talk.reviews(number)).map(({ kind: of, author, body }) => [of, author, body]);
      const summary = kind === 'gitlab' ? [] : [['summary', 'ann', 'please rename']];
      assert.deepEqual(said, [['pull', 'ann', 'is that all?'], ...summary]);
      await talk.answer(number, { kind: 'pull', id: 1, thread: null }, 'Yes.');
      assert.equal(server.talk.ofThread(repository, 'pull', number).at(-1)?.body, 'Yes.');
    });

    it('changes the description of an issue', async (context) => {
      const { server, talk } = await begin(context);
      const issue = server.openIssue(repository, { title: 'one', body: 'old' });
      await talk.describe('issue', issue.number, 'new');
      assert.equal(issue.body, 'new');
    });

    it('says when a forge is down, limits, or does not take the token', async (context) => {
      const { server, talk } = await begin(context);
      const { number } = server.openIssue(repository, { title: 'one' });
      for (const [status, code] of [
        [503, 'unavailable'],
        [429, 'rate_limited'],
        [401, 'unauthorized'],
      ] as const) {
        server.failNext({ status, times: 2, retryAfterSecs: 30 });
        await assert.rejects(talk.comments('issue', number), (error) => isAppError(error, code));
        server.calm();
      }
      assert.deepEqual(await talk.comments('issue', number), []);
    });
  });
