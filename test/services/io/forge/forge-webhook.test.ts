import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import fc from 'fast-check';
import { ForgeEventReceived } from '../../../../events/patches/forge-event.ts';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { type ForgeEventData, readWebhook } from '../../../../services/io/forge/forge-webhook.ts';
import { signedWebhook } from '../../../support/forge-webhooks.ts';

const secret = 'webhook-secret-0123456789';
const sha = 'ab'.repeat(20);
const repository = { full_name: 'acme/shop', clone_url: 'https://user:pass@git.example.org/acme/shop.git?x#y', id: 1 };
const pull = { number: 7, head: { ref: 'crafting-table/auto/j1-7', sha, label: 'x' }, title: 'Fix' };
const Data = TypeCompiler.Compile(ForgeEventReceived.data);

async function read(forge: 'gitea' | 'github', event: string, payload: unknown): Promise<ForgeEventData> {
  const delivery = await signedWebhook({ forge, secret, event, payload, delivery: 'd-1' });
  const data = await readWebhook({ ...delivery, secret });
  assert.ok(Data.Check(data), JSON.stringify(data));
  return data;
}

/** Signs with node's own means, as a forge would. */
function signed(body: Buffer, headers: Record<string, string> = {}) {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const known = { 'x-github-event': 'push', 'x-github-delivery': 'd-1', 'x-hub-signature-256': signature };
  return { headers: { ...known, ...headers }, body, secret };
}
const isUnauthorized = (error: unknown): boolean =>
  isAppError(error, 'unauthorized') && !error.message.includes(secret);
const isInvalid = (error: unknown): boolean => isAppError(error, 'invalid');

for (const forge of ['gitea', 'github'] as const)
  describe(`a webhook of ${forge}`, () => {
    it('tells of a pull request: its number, branch and commit', async () => {
      assert.deepEqual(
        await read(forge, 'pull_request', { action: 'closed', number: 7, pull_request: pull, repository }),
        {
          forge,
          delivery_id: 'd-1',
          kind: 'pull_request',
          action: 'closed',
          repository: 'acme/shop',
          clone_url: 'https://git.example.org/acme/shop.git',
          number: 7,
          branch: 'crafting-table/auto/j1-7',
          commit: sha,
        },
      );
    });

    it('has one word for new commits', async () => {
      for (const action of ['synchronize', 'synchronized'])
        assert.equal(
          (await read(forge, 'pull_request', { action, pull_request: pull, repository })).action,
          'synchronize',
        );
    });

    it('tells of a push by branch and commit, and of a deletion by none', async () => {
      const push = { ref: 'refs/heads/release/1', after: sha, repository };
      const { kind, branch, commit, number } = await read(forge, 'push', push);
      assert.deepEqual([kind, branch, commit, number], ['push', 'release/1', sha, null]);
      assert.equal((await read(forge, 'push', { ...push, after: '0'.repeat(40) })).commit, null);
      assert.equal((await read(forge, 'push', { ...push, ref: 'refs/tags/v1' })).branch, null);
    });

    it('tells of comments and reviews by number, and calls the rest other', async () => {
      const spoken = await read(forge, 'issue_comment', { action: 'created', issue: { number: 7 }, repository });
      assert.deepEqual([spoken.kind, spoken.number, spoken.action], ['comment', 7, 'created']);
      for (const event of [
        'pull_request_review',
        'pull_request_review_comment',
        'pull_request_comment',
        'pull_request_rejected',
      ]) {
        const { kind, number } = await read(forge, event, { action: 'submitted', pull_request: pull, repository });
        assert.deepEqual([kind, number], ['comment', 7]);
      }
      assert.equal((await read(forge, 'ping', { zen: 'x', hook_id: 1 })).kind, 'other');
      assert.equal((await read(forge, 'star', { repository })).repository, 'acme/shop');
    });

    it('is unauthorized when a byte of it, the secret or the signature is another', async () => {
      const { headers, body } = await signedWebhook({ forge, secret, event: 'push', payload: { repository } });
      const other = Buffer.from(body);
      other[2] = 0x20;
      await assert.rejects(readWebhook({ headers, body: other, secret }), isUnauthorized);
      await assert.rejects(readWebhook({ headers, body, secret: 'other-secret' }), isUnauthorized);
      await assert.rejects(readWebhook({ headers, body, secret: '' }), isUnauthorized);
      const name = forge === 'gitea' ? 'x-gitea-signature' : 'x-hub-signature-256';
      for (const value of ['', 'sha256=', 'sha1=abc', 'é'.repeat(64), '0'.repeat(64), `sha256=${'0'.repeat(64)}`])
        await assert.rejects(readWebhook({ headers: { ...headers, [name]: value }, body, secret }), isUnauthorized);
    });
  });

describe('a webhook', () => {
  it('of Forgejo is read like one of Gitea', async () => {
    const body = Buffer.from(JSON.stringify({ repository }));
    const hex = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'x-forgejo-event': 'push', 'x-forgejo-delivery': 'f-1', 'x-forgejo-signature': hex };
    const { forge, delivery_id } = await readWebhook({ headers, body, secret });
    assert.deepEqual([forge, delivery_id], ['gitea', 'f-1']);
  });

  it('without a signature is unauthorized, and not looked at', async () => {
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'd' };
    await assert.rejects(readWebhook({ headers, body: Buffer.from('not json'), secret }), isUnauthorized);
    await assert.rejects(readWebhook({ headers: {}, body: Buffer.alloc(0), secret }), isUnauthorized);
  });

  it('that is signed and no JSON of a forge is invalid', async () => {
    const wrong = [
      'x',
      '[]',
      'null',
      '7',
      '"x"',
      '{"__proto__":{"action":"opened"}}',
      '{"pull_request":{"__proto__":{"number":1}}}',
      '{"repository":"acme/shop"}',
      '{"repository":{}}',
      '{"repository":{"full_name":["a"]}}',
      '{"pull_request":{"number":"7"}}',
      '{"pull_request":{"number":7.5}}',
      '{"pull_request":{"number":-1}}',
      '{"issue":{"number":1e99}}',
      '{"action":{"toString":1}}',
      `{"action":"${'x'.repeat(65)}"}`,
      `{"repository":{"full_name":"${'x'.repeat(513)}"}}`,
      '['.repeat(100_000),
    ];
    for (const text of wrong)
      await assert.rejects(readWebhook(signed(Buffer.from(text))), isInvalid, text.slice(0, 80));
    await assert.rejects(readWebhook(signed(Buffer.alloc(9 * 1024 * 1024, ' '))), isInvalid);
    await assert.rejects(readWebhook(signed(Buffer.from([0x7b, 0xff, 0x7d]))), isUnauthorized);
  });

  it('needs an event and a delivery that can be part of a subject', async () => {
    const body = Buffer.from('{}');
    for (const delivery of ['', 'a.b', 'a b', '*', '>', 'x'.repeat(129)])
      await assert.rejects(readWebhook(signed(body, { 'x-github-delivery': delivery })), isInvalid, delivery);
    const { 'x-github-event': _, ...nameless } = signed(body).headers;
    await assert.rejects(readWebhook({ headers: nameless, body, secret }), isInvalid);
  });

  it('gives what the event may hold, or an error that is expected', async () => {
    const keys = fc.constantFrom(
      'action',
      'repository',
      'pull_request',
      'number',
      'head',
      'ref',
      'after',
      'issue',
      'full_name',
      'sha',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.constant(null),
        fc.integer(),
        fc.string(),
        fc.constant(sha),
        fc.dictionary(keys, tie('value')),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom('push', 'pull_request', 'issue_comment', 'x'), async (payload, event) => {
        const given = signed(Buffer.from(JSON.stringify(payload)), { 'x-github-event': event });
        const data = await readWebhook(given).catch((error: unknown) => {
          assert.ok(isInvalid(error), String(error));
          return null;
        });
        assert.ok(data === null || Data.Check(data), JSON.stringify(data));
      }),
    );
  });
});

describe('a webhook of gitlab', () => {
  const project = {
    path_with_namespace: 'group/sub/shop',
    git_http_url: 'https://gitlab.example.org/group/sub/shop.git',
  };
  const change = {
    iid: 7,
    id: 9001,
    action: 'merge',
    source_branch: 'crafting-table/auto/j1-7',
    last_commit: { id: sha },
  };
  const sent = (payload: unknown, headers: Record<string, string> = {}) => {
    const known = { 'x-gitlab-event': 'x', 'x-gitlab-token': secret, 'x-gitlab-event-uuid': 'd-1' };
    return readWebhook({ headers: { ...known, ...headers }, body: Buffer.from(JSON.stringify(payload)), secret });
  };
  const facts = { forge: 'gitlab', delivery_id: 'd-1', repository: 'group/sub/shop', clone_url: project.git_http_url };

  it('tells of a merge request by the number that people see, of what is said about it, and of a push', async () => {
    const about = { ...facts, number: 7, branch: change.source_branch, commit: sha };
    assert.deepEqual(await sent({ object_kind: 'merge_request', project, object_attributes: change }), {
      ...about,
      kind: 'pull_request',
      action: 'closed',
    });
    assert.deepEqual(await sent({ object_kind: 'note', project, merge_request: change }), {
      ...about,
      kind: 'comment',
      action: null,
    });
    assert.deepEqual(await sent({ object_kind: 'push', project, ref: 'refs/heads/main', after: sha }), {
      ...facts,
      ...{ kind: 'push', action: null, number: null, branch: 'main', commit: sha },
    });
    const { kind } = await sent({ object_kind: 'pipeline', project });
    assert.equal(kind, 'other');
  });

  it('tells of an issue by the number that people see, and of what is said below it', async () => {
    const about = { ...facts, number: 17, branch: null, commit: null };
    const issue = { id: 9002, iid: 17, title: 'Totals', labels: [{ title: 'crafting-table:implementer' }] };
    const words = { open: 'opened', update: 'edited', close: 'closed', reopen: 'reopened' };
    for (const [action, word] of Object.entries(words))
      assert.deepEqual(await sent({ object_kind: 'issue', project, object_attributes: { ...issue, action } }), {
        ...about,
        ...{ kind: 'other', action: word },
      });
    const note = { object_kind: 'note', project, object_attributes: { id: 1, noteable_type: 'Issue' }, issue };
    assert.deepEqual(await sent(note), { ...about, kind: 'comment', action: null });
    // A note below a commit is about neither.
    assert.equal((await sent({ object_kind: 'note', project, commit: { id: sha } })).number, null);
    await assert.rejects(sent({ object_kind: 'issue', project, object_attributes: { iid: 'x' } }), isInvalid);
  });

  it('is taken with the secret alone, and refused in words when it is not what GitLab sends', async () => {
    for (const token of ['', 'wrong', `${secret}x`])
      await assert.rejects(sent({ object_kind: 'push', project }, { 'x-gitlab-token': token }), isUnauthorized);
    for (const payload of [
      null,
      7,
      [],
      {},
      { project: {} },
      { object_kind: 'merge_request', project, object_attributes: { iid: 'x' } },
    ])
      await assert.rejects(sent(payload), isInvalid, JSON.stringify(payload));
    await assert.rejects(sent({ project }, { 'x-gitlab-event-uuid': 'a.b*>' }), isInvalid);
  });
});
