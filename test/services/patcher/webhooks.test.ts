import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sign } from '@octokit/webhooks-methods';
import { type TestFarm, withFarm } from '../../support/farm.ts';
import { signedWebhook } from '../../support/forge-webhooks.ts';
import type { Json } from '../../support/http.ts';
import { webhookSecret as secret, withLife } from '../../support/patch-life.ts';
import { until, whileMoving } from '../../support/until.ts';

const env = { CRAFTING_FORGE_WEBHOOK_SECRET: secret };
const payload = {
  action: 'closed',
  number: 7,
  repository: { full_name: 'acme/app', clone_url: 'https://user:hidden@git.example.org/acme/app.git' },
  pull_request: { number: 7, head: { ref: 'crafting-table/auto/x-1', sha: 'a'.repeat(40) } },
};

async function deliver(
  { url }: Pick<TestFarm, 'url'>,
  { headers, body }: { headers: Record<string, string>; body: string },
): Promise<{ status: number; json: Json; text: string }> {
  const asked = { method: 'POST', headers, body };
  const response = await whileMoving((signal) => fetch(`${url}/forge/webhook`, { ...asked, signal }));
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null };
}

async function signed(forge: 'gitea' | 'github', more: Json = {}, delivery?: string) {
  const facts = { forge, secret, event: 'pull_request', payload: { ...payload, ...more } };
  const { headers, body } = await signedWebhook(delivery === undefined ? facts : { ...facts, delivery });
  return { headers, body: body.toString() };
}

/** The events that came of deliveries, read from the log itself. */
async function stored({ store: { log } }: TestFarm): Promise<Json[]> {
  const found: Json[] = [];
  for (let seq = 1; seq <= (await log.end()); seq += 1) {
    const event = await log.at(seq);
    if (event?.type === 'ForgeEventReceived') found.push(event);
  }
  return found;
}

describe('the webhook of a forge', () => {
  it('is stored before it is answered, without anything secret in it', () =>
    withFarm(
      async (farm) => {
        for (const forge of ['gitea', 'github'] as const) {
          const answer = await deliver(farm, await signed(forge, {}, `delivery-${forge}`));
          assert.equal(answer.status, 202, answer.text);
          const event = await farm.store.log.at(answer.json.seq);
          assert.equal(event?.type, 'ForgeEventReceived');
          assert.deepEqual(event?.data, {
            forge,
            delivery_id: `delivery-${forge}`,
            kind: 'pull_request',
            action: 'closed',
            repository: 'acme/app',
            clone_url: 'https://git.example.org/acme/app.git',
            number: 7,
            branch: 'crafting-table/auto/x-1',
            commit: 'a'.repeat(40),
          });
        }
      },
      { env },
    ));

  it('is stored once, however often it is delivered', () =>
    withFarm(
      async (farm) => {
        const delivery = await signed('gitea', {}, 'one-and-the-same');
        const answers = await Promise.all(Array.from({ length: 8 }, () => deliver(farm, delivery)));
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
        assert.equal(new Set(answers.map(({ json }) => json.seq)).size, 1);
        assert.equal((await stored(farm)).length, 1);
      },
      { env },
    ));

  it('is stored once under whatever delivery and kind it is told again, and taken up to 25 MB', () =>
    withFarm(
      async (farm) => {
        const first = await signed('gitea', { padding: 'x'.repeat(20 * 1024 * 1024) }, 'first');
        const heard = await deliver(farm, first);
        assert.equal(heard.status, 202, heard.text);
        for (const [name, value] of [
          ['x-gitea-delivery', 'second'],
          ['x-gitea-event', 'push'],
        ] as const) {
          const again = await deliver(farm, { ...first, headers: { ...first.headers, [name]: value } });
          assert.deepEqual([again.status, again.json.seq], [202, heard.json.seq], again.text);
        }
        assert.equal((await stored(farm)).length, 1);
      },
      { env },
    ));

  it('is not taken without the right signature of these very bytes', () =>
    withFarm(
      async (farm) => {
        const { headers, body } = await signed('github');
        const gitea = await signed('gitea');
        const other = await sign('another-secret', body);
        const without = (name: string, all = headers) =>
          Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
        const wrong: [string, { headers: Record<string, string>; body: string }][] = [
          ['none', { headers: without('x-hub-signature-256'), body }],
          ['another secret', { headers: { ...headers, 'x-hub-signature-256': other }, body }],
          ['another body', { headers, body: body.replace('"number":7', '"number":8') }],
          ['one space more', { headers, body: `${body} ` }],
          [
            'sha1',
            { headers: { ...headers, 'x-hub-signature-256': 'sha1=0123456789012345678901234567890123456789' }, body },
          ],
          ['empty', { headers: { ...headers, 'x-hub-signature-256': '' }, body }],
          ['an empty body', { headers, body: '' }],
          [
            'Gitea, wrong where it looks',
            { headers: { ...gitea.headers, 'x-gitea-signature': '0'.repeat(64) }, body: gitea.body },
          ],
          [
            'an admin, unsigned',
            { headers: { 'content-type': 'application/json', authorization: `Bearer ${farm.admin}` }, body },
          ],
        ];
        for (const [what, delivery] of wrong) {
          const answer = await deliver(farm, delivery);
          assert.equal(answer.status, 401, `${what}: ${answer.text}`);
          assert.doesNotMatch(answer.text, new RegExp(secret));
          const { title, code } = JSON.parse(answer.text);
          assert.deepEqual([title, code], ['The signature of the webhook is missing or wrong', 'webhook_signature']);
        }
        const page = await farm.http.get('/problems/webhook_signature');
        assert.equal(page.json.problem.title, 'The signature of the webhook is missing or wrong');
        assert.deepEqual(await stored(farm), []);
      },
      { env },
    ));

  it('is refused when it is too large, hostile, or no JSON, even with a right signature', () =>
    withFarm(
      async (farm) => {
        const post = async (text: string, more: Record<string, string> = {}) => {
          const { headers } = await signed('gitea');
          const signature = (await sign(secret, text)).slice('sha256='.length);
          return deliver(farm, { headers: { ...headers, 'x-gitea-signature': signature, ...more }, body: text });
        };
        const large = await post(JSON.stringify({ ...payload, padding: 'x'.repeat(25 * 1024 * 1024) }));
        assert.equal(large.status, 413, large.text);
        const hostile = [
          'not json',
          '[]',
          'null',
          '"text"',
          '{"repository":"acme/app"}',
          '{"number":-1}',
          '{"number":1e400}',
          '{"pull_request":{"number":"7"}}',
          '{"__proto__":{"number":7},"action":"closed"}',
          '{"repository":{"__proto__":{},"full_name":"acme/app"}}',
          `{"action":"${'a'.repeat(1000)}"}`,
          `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
          `{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`.slice(0, -1),
        ];
        for (const text of hostile) {
          const answer = await post(text);
          assert.equal(answer.status, 400, `${text.slice(0, 60)}: ${answer.text}`);
        }
        for (const delivery of ['', 'a.b', 'a*', '>', 'a b', 'x'.repeat(129)])
          assert.equal((await post(JSON.stringify(payload), { 'x-gitea-delivery': delivery })).status, 400, delivery);
        assert.deepEqual(await stored(farm), []);
        assert.equal((await farm.http.get('/projects')).status, 200);
      },
      { env },
    ));

  it('is not taken where no secret is set, and says which variable is missing', () =>
    withFarm(async (farm) => {
      const answer = await deliver(farm, await signed('github'));
      assert.equal(answer.status, 503);
      assert.match(answer.json.detail, /CRAFTING_FORGE_WEBHOOK_SECRET/);
    }));

  it('of an unknown repository or pull request asks the forge nothing', () =>
    withLife({ files: { 'src/a.js': 'const a = "bad";\n' } }, async ({ run, proposed, parts, farm, becomes, tell }) => {
      const { id } = await proposed(await run());
      const read = 'gitea GET /repos/{owner}/{repo}/pulls/{index}';
      for (const [repository, number] of [
        ['other/app', 1],
        ['acme/other', 1],
        ['acme/app', 99],
      ] as const) {
        const facts = { repository: { full_name: repository }, number, pull_request: { number } };
        assert.equal((await deliver(farm, await signed('gitea', facts))).status, 202);
      }
      parts.forge.close(1);
      // A forge writes the name as it was given, and finds it in any case.
      const known = { repository: { full_name: 'Acme/App' }, number: 1, pull_request: { number: 1 } };
      assert.equal((await deliver(farm, await signed('gitea', known))).status, 202);
      await becomes(id, ({ status }) => status === 'closed');
      assert.equal(parts.forge.calls[read], 1, 'only the known one was looked at');
      await tell(1);
      await until(() => parts.forge.calls[read] === 2);
    }));
});
