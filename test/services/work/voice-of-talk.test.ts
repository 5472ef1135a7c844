import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isAppError } from '../../../services/floor/app-error.ts';
import { openForge } from '../../../services/io/forge/open-forge.ts';
import { openTalk } from '../../../services/io/forge/talk/open-talk.ts';
import { withSection } from '../../../services/work/rules/said-section.ts';
import { voiceOfTalk } from '../../../services/work/voice-of-talk.ts';
import { startForgeServer } from '../../support/forge-server.ts';

const token = 'forge-token-0123456789';
const repository = 'acme/shop';
const clock = { now: () => Date.now() };

for (const kind of ['gitea', 'github', 'gitlab'] as const)
  describe(`what a bottle says on ${kind}`, () => {
    const begin = async (context: TestContext) => {
      const server = await startForgeServer(context, { token, users: ['ann', 'crafting-table'] });
      const instance = { name: kind, kind, url: server.url, api: null, repositories: null, ca: null };
      const found = { instance: { ...instance, secret: { kind: 'token' as const, token } }, repository };
      const talk = openTalk(found, clock);
      const opened = { head: 'x', base: 'main', title: 't', body: 'Closes #1.', labels: [], assignees: [] };
      const pull = (await openForge(found, clock)?.openPull(opened))?.number ?? 0;
      const issue = server.openIssue(repository, { title: 'Totals', body: 'People wrote this.' }).number;
      const other = server.openIssue(repository, { title: 'Not of this work' }).number;
      assert.ok(talk && pull);
      const pulls = [pull];
      // Whoever starts a bottle again opens its voice again.
      const voice = (bottle_id: string) =>
        voiceOfTalk({
          ...{ talk, bottle_id, work: { kind: 'issue', repository, issue }, pulls: () => pulls },
          ...{ footer: () => 'Provenance.', redacted: (text) => text.replaceAll(token, 'masked') },
        });
      return { server, voice, pull, pulls, issue, other };
    };

    it('is said once, however often a bottle begins again, and calls nobody', async (context) => {
      const { server, voice, issue, pull } = await begin(context);
      const write = { number: issue, body: `Look, @ann: ${token}`, key: 'k1' };
      await voice('one').postComment(write);
      await voice('one').postComment(write);
      assert.equal(server.talk.comments.length, 1);
      const [said] = server.talk.comments;
      assert.match(said?.body ?? '', /`@ann`: masked[\s\S]*Provenance\./);
      await voice('one').postComment({ ...write, key: 'k2' });
      await voice('two').postComment(write);
      await voice('one').postComment({ ...write, number: pull });
      assert.deepEqual(
        server.talk.comments.map(({ place, number }) => `${place} ${number}`),
        [`issue ${issue}`, `issue ${issue}`, `issue ${issue}`, `pull ${pull}`],
      );
    });

    it('goes to its issue and the pull requests of that alone', async (context) => {
      const { server, voice, other, pull, pulls } = await begin(context);
      pulls.length = 0;
      const { postComment, updateDescription } = voice('one');
      for (const number of [other, pull, 999])
        for (const write of [postComment, updateDescription])
          await assert.rejects(write({ number, body: 'So.', key: 'k' }), (error) => isAppError(error, 'forbidden'));
      assert.equal(server.talk.comments.length, 0);
      assert.equal(server.pulls[0]?.body, 'Closes #1.');
    });

    it('stands below a description, in the place of what was said there before', async (context) => {
      const { server, voice, pull, issue } = await begin(context);
      const body = async (number: number) => (await voice('one').readIssue(number)).body;
      for (const [key, words] of Object.entries({ a: 'First words.', b: 'Second words.' }))
        for (const number of [pull, issue]) await voice('one').updateDescription({ number, body: words, key });
      assert.match(await body(pull), /^Closes #1\.\n\n<!--[\s\S]*> Second words\.[\s\S]*Provenance\./);
      assert.match(await body(issue), /^People wrote this\.\n\n<!--[\s\S]*> Second words\./);
      assert.doesNotMatch((await body(pull)) + (await body(issue)), /First words/);
      assert.equal(server.talk.comments.length, 0);
    });
  });

describe('a description with what an agent says of it', () => {
  it('keeps what stands before and behind it', () => {
    const once = withSection('Before.', 'One.');
    assert.match(
      withSection(`${once}\n\nBehind.`, 'Two.'),
      /^Before\.\n\n<!--.*-->\n\nTwo\.\n\n<!--.*-->\n\nBehind\.$/,
    );
    assert.match(withSection('', 'One.'), /^<!--/);
  });
});
