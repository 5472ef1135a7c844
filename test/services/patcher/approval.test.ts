import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { noBrowser, openBrowser, policyFaults, signIn, visit } from '../../support/browser.ts';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { type PatchLife, withLife } from '../../support/patch-life.ts';

const one = { files: { 'src/f1.js': 'const before1 = 1;\nconst v1 = "bad";\n' } };
const asking = { patch: { approval: { hours: 2 } } };

/** Asks for a patch of the one finding, in somebody's name, and waits until a person is asked. */
async function waiting(life: PatchLife, bearer?: string): Promise<Json> {
  const { job, findings } = await life.run();
  const asked = bearer === undefined ? {} : { bearer };
  const { json, text } = await life.http.post(`/jobs/${job}/patches`, { finding_id: findings[0].id }, asked);
  assert.ok(json?.attempt, text);
  return life.becomes(json.attempt.id, ({ status }) => status === 'awaiting_approval');
}

describe('a project that wants a person to approve', () => {
  it('has exactly the diff pushed that was looked at, by another maintainer than the one who asked', () =>
    withLife({ ...one, project: asking }, async (life) => {
      const { http, parts } = life;
      const team = { team: 'admin' };
      const agent = await http.mint('shop.agent', { ...team, role: 'maintainer' });
      const ann = await http.mint('shop.ann', { ...team, role: 'maintainer' });
      const job = await http.mint('shop.ci', { ...team, role: 'runner' });
      const { id, approval, diff } = await waiting(life, agent);
      assert.equal(approval.digest, createHash('sha256').update(diff).digest('hex'));
      assert.deepEqual([parts.branches(), parts.forge.pulls, approval.by], [[], [], null]);
      assert.match((await http.get('/inbox')).text, /nothing is pushed before you approve its diff, until 20/);
      const say = (bearer: string, digest = approval.digest) =>
        http.post(`/patches/${id}/approve`, { digest, reason: 'as it should be' }, { bearer });
      for (const [answer, status, word] of [
        [await say(job), 403, 'scope'],
        [await say(agent), 403, 'own_request'],
        [await say(ann, 'b'.repeat(64)), 409, 'another_diff'],
        [await say(ann, 'b'), 400, 'digest'],
      ] as const) {
        assert.equal(answer.status, status, answer.text);
        assert.match(answer.text, new RegExp(word));
      }
      assert.deepEqual(parts.branches(), []);
      assert.equal((await say(ann)).status, 200);
      const { branch } = await life.becomes(id, ({ status }) => status === 'pr_opened');
      const [event] = await life.events('PatchApproved');
      assert.deepEqual(
        [event?.data.by, event?.data.digest, event?.data.reason],
        ['shop.ann', approval.digest, 'as it should be'],
      );
      assert.match(parts.forge.pulls[0]?.body ?? '', /approved before the push \| by `shop\.ann` at .*SHA-256/);
      assert.match(git(parts.bare, 'log', '-1', '--format=%B', branch), /^Approved-by: shop\.ann$/m);
      assert.equal((await life.events('PatchApprovalRequested')).length, 1);
      assert.match((await say(ann)).text, /not_waiting/);
    }));

  it('is asked on the page of the attempt, where one press approves what stands there', { skip: noBrowser }, () =>
    withLife({ ...one, project: asking }, async (life) => {
      const { http, parts } = life;
      const [agent, ann] = [
        await http.mint('shop.agent', { team: 'admin', role: 'maintainer' }),
        await http.mint('shop.ann', { team: 'admin', role: 'maintainer' }),
      ];
      const { id } = await waiting(life, agent);
      const browser = await openBrowser();
      try {
        const person = await visit(browser, { url: life.url });
        await signIn(person, ann);
        await person.open(`/patches/${id}`);
        await person.page.waitForSelector('.asked:has-text("waits for a person")');
        await person.page.locator('button', { hasText: 'Approve' }).click();
        await person.page.locator('dialog button', { hasText: 'Approve' }).click();
        const attempt = await life.becomes(id, ({ status }) => status === 'pr_opened');
        assert.equal(attempt.approval.by, 'shop.ann');
        await person.page.waitForSelector('.facts:has-text("by shop.ann")');
        assert.equal(await person.page.locator('button', { hasText: 'Approve' }).count(), 0);
        assert.deepEqual([...person.faults, ...(await policyFaults(person.page))], []);
      } finally {
        await browser.close();
      }
      assert.equal(parts.forge.pulls.length, 1);
    }),
  );

  it('never sees a declined diff again, whoever lifts the refusal', () =>
    withLife({ ...one, project: asking, twice: true }, async (life) => {
      const { http, parts } = life;
      const { id, approval } = await waiting(life);
      const answer = await http.post(`/patches/${id}/decline`, {
        digest: approval.digest,
        reason: 'keep the old name',
      });
      assert.equal(answer.status, 200, answer.text);
      const { attempt } = answer.json;
      assert.deepEqual([attempt.status, attempt.open, attempt.failure.reason], ['not_approved', false, 'not_approved']);
      const { by, answer: said, reason } = attempt.approval;
      assert.deepEqual([by, said, reason], ['admin', 'declined', 'keep the old name']);
      assert.match(attempt.failure.detail, /admin declined it: keep the old name/);
      const { job, findings } = await life.run();
      assert.equal((await life.ask(job, findings[0])).status, 409);
      await http.post(`/patches/${id}/reconsider`, {});
      const again = (await life.ask(job, findings[0])).json.attempt;
      assert.deepEqual([again.status, again.failure?.reason], ['refused', 'same_draft'], JSON.stringify(again.failure));
      assert.deepEqual([parts.branches(), parts.forge.pulls], [[], []]);
    }));

  it('is asked for so long, and then the attempt ends', () => {
    const clock = movedClock();
    return withLife({ ...one, project: asking, parts: { clock } }, async (life) => {
      const { id, approval } = await waiting(life);
      clock.set(clock.now() + 2 * 3_600_000 + 1_000);
      const late = await life.http.post(`/patches/${id}/approve`, { digest: approval.digest });
      assert.equal(late.status, 409, late.text);
      await clock.beat();
      const { failure, open } = await life.becomes(id, ({ status }) => status === 'not_approved');
      assert.deepEqual([failure.reason, open], ['approval_expired', false]);
      assert.deepEqual(life.parts.branches(), []);
    });
  });

  it('keeps that wish whatever a maintainer sends, until an owner of its team takes it away', () => {
    const clock = movedClock();
    return withLife({ ...one, project: asking, parts: { clock } }, async (life) => {
      const { http, parts } = life;
      const agent = await http.mint('shop.agent', { team: 'admin', role: 'maintainer' });
      const owner = await http.mint('shop.owner', { team: 'admin', role: 'owner' });
      const { id } = await waiting(life, agent);
      const { git_url } = (await http.get('/projects/p')).json.project;
      const put = (patch?: Json) =>
        http('PUT', '/projects/p', { body: { git_url, ...(patch ? { patch } : {}) }, bearer: agent });
      const change = (patch: Json, bearer: string) => http('PATCH', '/projects/p', { body: { patch }, bearer });
      for (const answer of [
        await put(),
        await put({}),
        await put({ approval: { hours: 3 } }),
        await put({ approval: {} }),
        await change(null, agent),
        await change({ approval: null }, agent),
        await change({ approval: { hours: null } }, agent),
      ]) {
        assert.deepEqual([answer.status, answer.json.code], [403, 'approval_is_owners'], answer.text);
        assert.match(answer.text, /only an owner of admin or an admin/);
      }
      const elsewhere = await http('PATCH', '/projects/p', { body: { git_url: `${git_url}-2` }, bearer: agent });
      assert.deepEqual([elsewhere.status, elsewhere.json.code], [403, 'approval_is_owners']);
      assert.equal((await http('DELETE', '/projects/p', { bearer: agent })).status, 403);
      const stricter = await change({ approval: { hours: 1 }, draft: true }, agent);
      assert.equal(stricter.status, 200, stricter.text);
      assert.equal((await http.post(`/patches/${id}/stop`, {}, { bearer: agent })).status, 200);
      const again = await waiting(life, agent);
      await clock.beat();
      assert.deepEqual([parts.branches(), parts.forge.pulls], [[], []]);
      const gone = await change({ approval: null }, owner);
      assert.equal(gone.status, 200, gone.text);
      await clock.beat();
      await life.becomes(again.id, ({ status }) => status === 'pr_opened');
    });
  });

  it('is asked for every project on its repository, so that a second one is no way round', () =>
    withLife({ ...one, project: asking }, async (life) => {
      const { http, parts } = life;
      const { project } = (await http.get('/projects/p')).json;
      const { subprojects } = project;
      const body = { name: 'again', git_url: parts.gitUrl, subprojects, patch: { kinds: ['lint'] } };
      const made = await http.post('/projects', body);
      assert.equal(made.status, 201, made.text);
      const job = (await http.post('/projects/again/jobs', { recipe: 'lint' })).json.job_id;
      await http.ended(job);
      const { findings } = (await http.get(`/jobs/${job}/findings`)).json;
      const asked = await http.post(`/jobs/${job}/patches`, { finding_id: findings[0].id });
      assert.ok(asked.json?.attempt, asked.text);
      const { approval } = await life.becomes(asked.json.attempt.id, ({ status }) => status === 'awaiting_approval');
      assert.equal(Date.parse(approval.expires_at) - Date.parse(approval.requested_at) <= 2 * 3_600_000, true);
      assert.deepEqual(parts.branches(), []);
    }));

  it('is not asked any more once it says so', () => {
    const clock = movedClock();
    return withLife({ ...one, project: asking, parts: { clock } }, async (life) => {
      const { id } = await waiting(life);
      await life.change({ patch: {} });
      await clock.beat();
      await life.becomes(id, ({ status }) => status === 'pr_opened');
    });
  });
});

describe('a pull request', () => {
  it('is a draft, and asks the code owners of the base for a review, where the project wants that', () => {
    const files = { ...one.files, CODEOWNERS: '* @stranger\n*.js @ann # and nobody else\n' };
    const patch = { draft: true, reviewers: ['bob'], code_owners: true };
    return withLife({ files, project: { patch } }, async (life) => {
      await life.proposed(await life.run());
      const [pull] = life.parts.forge.pulls;
      assert.match(pull?.title ?? '', /^WIP: /);
      assert.deepEqual(pull?.reviewers, ['bob', 'ann']);
    });
  });
});
