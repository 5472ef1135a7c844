import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Log } from '../../../services/io/log.ts';
import { start } from '../../../services/start.ts';
import { startIn, testConfig, withFarm } from '../../support/farm.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import { httpAt, type Json } from '../../support/http.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { openReceiver, type Received, type ReceiverAnswer } from '../../support/webhook-receiver.ts';
import { enqueue, eslintReport, register } from '../api/registered.ts';

const env = { CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8', CRAFTING_PUBLIC_URL: 'https://farm.example.org' };
const hour = 3_600_000;

async function withReceiver<T>(
  work: (receiver: Awaited<ReturnType<typeof openReceiver>>) => Promise<T>,
  answer?: (got: Received, nth: number) => ReceiverAnswer,
): Promise<T> {
  const receiver = await openReceiver(answer);
  try {
    return await work(receiver);
  } finally {
    await receiver.close();
  }
}

const hooked = (...webhooks: Json[]) => ({ notify: { webhooks } });
const eventsOf = async ({ http }: { http: Json }, type: string): Promise<Json[]> =>
  (await http.get('/events')).text
    .split('\n')
    .filter(Boolean)
    .map((line: string) => JSON.parse(line))
    .filter((event: Json) => event.type === type);
const stateOf = async ({ http }: { http: Json }, name: string, id: string): Promise<Json> =>
  (await http.get(`/projects/${name}/webhooks`)).json.webhooks.find((one: Json) => one.id === id);

test('a webhook is told of its events in order, signed so that the standard library accepts them', () =>
  withReceiver((receiver) =>
    withFarm(
      async (farm) => {
        const { notify } = await register(farm, 'web', {
          commands: { test: 'true', audit: 'exit 1' },
          ...hooked({ url: receiver.url, on: ['JobEnqueued', 'RecipeExited', 'audit_fail'] }),
        });
        const [{ secret }] = notify.webhooks;
        assert.match(secret, /^whsec_/);
        for (const recipe of ['test', 'audit']) await farm.http.ended((await enqueue(farm, 'web', { recipe })).job_id);
        await until(() => receiver.received.length === 5);
        const types = receiver.received.map(({ body }) => body.type);
        assert.deepEqual(types, ['JobEnqueued', 'RecipeExited', 'JobEnqueued', 'RecipeExited', 'FindingsParsed']);
        const seqs = receiver.received.map(({ body }) => body.seq);
        assert.deepEqual(
          seqs,
          seqs.toSorted((a, b) => a - b),
        );
        const { recipe, status } = receiver.received[4]?.body.job ?? {};
        assert.deepEqual([recipe, status], ['audit', 'failed']);
        const verifier = new Webhook(secret);
        for (const { headers, text, body } of receiver.received) {
          verifier.verify(text, headers as Record<string, string>);
          assert.equal(headers['webhook-id'], body.id);
          assert.equal(body.project, 'web');
          assert.ok(!text.includes('_ref'), 'references into the vault stay inside');
        }
        assert.throws(() =>
          new Webhook(`whsec_${'A'.repeat(44)}`).verify(
            receiver.received[0]?.text ?? '',
            receiver.received[0]?.headers as Record<string, string>,
          ),
        );
        const state = await until(async () => {
          const one = await stateOf(farm, 'web', 'standard');
          return one.pending === 0 && one;
        });
        assert.deepEqual([state.sent, state.last_sent_seq, state.trying], [5, seqs.at(-1), null]);
        const sent = await eventsOf(farm, 'NoticeSent');
        assert.deepEqual(
          sent.map(({ data }) => [data.event_seq, data.attempts, data.status]),
          seqs.map((seq) => [seq, 1, 204]),
        );
      },
      { env },
    ),
  ));

test('what fails is tried again with longer and longer pauses, and what comes after it waits', () => {
  const clock = movedClock();
  let deaf = true;
  return withReceiver(
    (receiver) =>
      withFarm(
        async (farm) => {
          await register(farm, 'web', hooked({ url: receiver.url, on: ['JobEnqueued'] }));
          const first = await enqueue(farm, 'web', { recipe: 'test' });
          const second = await enqueue(farm, 'web', { recipe: 'test' });
          const pauses = [5, 10, 20, 40];
          for (const [index, pause] of pauses.entries()) {
            const trying = await until(async () => {
              const one = (await stateOf(farm, 'web', 'standard')).trying;
              return one?.attempts === index + 1 && one;
            });
            const ms = Date.parse(trying.next_try) - clock.now();
            assert.ok(ms <= pause * 1000 && ms >= pause * 750, `${ms} ms`);
            assert.equal(trying.reason, 'answered 500');
            await clock.forward(ms - 1);
            assert.equal(receiver.received.length, index + 1);
            deaf = index < pauses.length - 1;
            await clock.forward(1_001);
            await until(() => receiver.received.length > index + 1);
            await clock.forward(0);
          }
          await until(async () => (await stateOf(farm, 'web', 'standard')).pending === 0);
          assert.deepEqual(
            receiver.received.map(({ body }) => body.data.job_id),
            [...Array(5).fill(first.job_id), second.job_id],
          );
          assert.deepEqual(
            (await eventsOf(farm, 'NoticeSent')).map(({ data }) => data.attempts),
            [5, 1],
          );
        },
        { env, parts: { clock } },
      ),
    () => (deaf ? 500 : 204),
  );
});

test('after a day without success a notice is given up, in the open', () => {
  const clock = movedClock();
  return withReceiver(
    (receiver) =>
      withFarm(
        async (farm) => {
          await register(farm, 'web', hooked({ url: receiver.url, on: ['JobEnqueued'] }));
          const { job_id } = await enqueue(farm, 'web', { recipe: 'test' });
          let failed: Json[] = [];
          for (let tries = 1; failed.length === 0; tries += 1) {
            assert.ok(tries < 50);
            await until(async () => {
              failed = await eventsOf(farm, 'NoticeFailed');
              return failed.length > 0 || (await stateOf(farm, 'web', 'standard')).trying?.attempts >= tries;
            });
            await clock.forward(hour + 1_000);
          }
          assert.match(failed[0].data.reason, /cut the connection/);
          assert.ok(failed[0].data.attempts > 10);
          assert.equal(receiver.received[0]?.body.data.job_id, job_id);
          const state = await until(async () => {
            const one = await stateOf(farm, 'web', 'standard');
            return one.pending === 0 && one;
          });
          assert.equal(state.last_failure.event_seq, failed[0].data.event_seq);
        },
        { env, parts: { clock } },
      ),
    () => 'cut',
  );
});

test('a dead target delays nobody, and a target that is slow to answer neither', () =>
  withReceiver((good) =>
    withReceiver(
      (hanging) =>
        withFarm(
          async (farm) => {
            const on = ['JobEnqueued'];
            await register(
              farm,
              'web',
              hooked(
                { id: 'a-dead', url: 'http://127.0.0.1:1/', on },
                { id: 'b-hanging', url: hanging.url, on },
                { id: 'c-good', url: good.url, on },
              ),
            );
            for (let n = 0; n < 10; n += 1) await enqueue(farm, 'web', { recipe: 'test' });
            await until(() => good.received.length === 10);
            assert.equal(hanging.received.length, 1);
            const dead = await until(async () => {
              const one = await stateOf(farm, 'web', 'a-dead');
              return one.trying && one;
            });
            assert.deepEqual([dead.pending, dead.trying.reason], [10, 'refuses connections']);
          },
          { env },
        ),
      () => 'hang',
    ),
  ));

test('410 ends a target at once, and a replay or another address begins it again', () => {
  let gone = true;
  return withReceiver(
    (receiver) =>
      withFarm(
        async (farm) => {
          const project = await register(farm, 'web', hooked({ url: receiver.url, on: ['JobEnqueued'] }));
          await enqueue(farm, 'web', { recipe: 'test' });
          await until(async () => (await stateOf(farm, 'web', 'standard')).gone);
          await enqueue(farm, 'web', { recipe: 'test' });
          const [failed] = await eventsOf(farm, 'NoticeFailed');
          assert.deepEqual([failed.data.target_gone, failed.data.reason], [true, 'answered 410']);
          gone = false;
          const replayed = await farm.http.post('/projects/web/webhooks/standard/replay?from=0');
          assert.deepEqual([replayed.status, replayed.json.events], [202, 2]);
          await until(() => receiver.received.length === 3);
          assert.equal(project.notify.webhooks[0].has_secret, true);
        },
        { env },
      ),
    () => (gone ? 410 : 200),
  );
});

test('Retry-After is obeyed where it is longer than our own pause', () => {
  const clock = movedClock();
  return withReceiver(
    (receiver) =>
      withFarm(
        async (farm) => {
          await register(farm, 'web', hooked({ url: receiver.url, on: ['JobEnqueued'] }));
          await enqueue(farm, 'web', { recipe: 'test' });
          const trying = await until(async () => (await stateOf(farm, 'web', 'standard')).trying);
          assert.equal(Date.parse(trying.next_try) - clock.now(), 120_000);
        },
        { env, parts: { clock } },
      ),
    () => ({ status: 429, headers: { 'retry-after': '120' } }),
  );
});

test('a replay tells again of everything from a sequence on, with the ids of the first time', () =>
  withReceiver((receiver) =>
    withFarm(
      async (farm) => {
        await register(farm, 'web', hooked({ url: receiver.url, on: ['JobEnqueued'] }));
        for (let n = 0; n < 3; n += 1) await enqueue(farm, 'web', { recipe: 'test' });
        await until(() => receiver.received.length === 3);
        await until(async () => (await stateOf(farm, 'web', 'standard')).pending === 0);
        const from = receiver.received[1]?.body.seq;
        for (const times of [1, 2]) {
          const { status, json } = await farm.http.post(`/projects/web/webhooks/standard/replay?from=${from}`);
          assert.deepEqual([status, json.events, json.from], [202, 2, from]);
          await until(() => receiver.received.length === 3 + times * 2);
          await until(async () => (await stateOf(farm, 'web', 'standard')).pending === 0);
        }
        const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
        assert.deepEqual(ids.slice(3), [...ids.slice(1, 3), ...ids.slice(1, 3)]);
        assert.equal((await farm.http.post('/projects/web/webhooks/nobody/replay?from=0')).status, 404);
        assert.equal((await farm.http.post('/projects/web/webhooks/standard/replay')).status, 400);
      },
      { env },
    ),
  ));

test('what is logged of a target that does not hear names neither its address nor its secret', () =>
  withReceiver(
    (receiver) =>
      inTempDir(async (dir) => {
        const lines: string[] = [];
        const write = (...said: unknown[]) => void lines.push(JSON.stringify(said));
        const logger = { trace: write, debug: write, info: write, warn: write, error: write };
        const config = testConfig(dir, env);
        const farm = await start(config, logger as unknown as Log);
        try {
          const http = httpAt(farm.url ?? '', readFileSync(farm.adminBearerFile ?? '', 'utf8').trim());
          const url = receiver.url.replace('/hook', '/very-secret-path');
          const repository = makeRepository(`${dir}/repository`);
          const { notify } = await register({ http, repository }, 'web', hooked({ url, on: ['JobEnqueued'] }));
          await enqueue({ http }, 'web', { recipe: 'test' });
          await until(() => lines.some((line) => line.includes('a notice was not delivered')));
          const all = lines.join('\n');
          assert.match(all, /answered 500/);
          for (const hidden of ['very-secret-path', notify.webhooks[0].secret.slice(6)])
            assert.ok(!all.includes(hidden));
        } finally {
          await farm.close();
        }
      }),
    () => 500,
  ));

test('a restart goes on where the log ends, and remembers who was not heard of and until when', () =>
  withReceiver((good) => {
    let deaf = true;
    return withReceiver(
      (other) =>
        withFarm(
          async (farm) => {
            const on = ['JobEnqueued'];
            await register(farm, 'web', hooked({ id: 'good', url: good.url, on }, { id: 'other', url: other.url, on }));
            for (let n = 0; n < 3; n += 1) await enqueue(farm, 'web', { recipe: 'test' });
            await until(() => good.received.length === 3 && other.received.length === 1);
            const before = await until(async () => (await stateOf(farm, 'web', 'other')).trying);
            await farm.stop();
            deaf = false;
            const clock = movedClock(Date.parse(before.next_try) - 1_000);
            const again = await startIn(farm.dir, env, { clock });
            try {
              assert.deepEqual((await stateOf(again, 'web', 'other')).trying, before);
              await enqueue(again, 'web', { recipe: 'test' });
              await until(() => good.received.length === 4);
              assert.equal(other.received.length, 1);
              await clock.forward(1_001);
              await until(() => other.received.length === 5);
              assert.deepEqual(other.told().slice(1), good.told());
            } finally {
              await again.close();
            }
          },
          { env },
        ),
      () => (deaf ? 503 : 204),
    );
  }));

test('chats get one line with links, Gitea its own headers, and only whom it concerns', () =>
  withReceiver((receiver) =>
    withFarm(
      async (farm) => {
        const on = ['nightly_summary'];
        const url = (name: string) => receiver.url.replace('/hook', `/${name}`);
        await register(farm, 'web', {
          commands: { lint: 'cat report.json; exit 1' },
          ...hooked(...['slack', 'mattermost', 'discord'].map((format) => ({ url: url(format), on, format })), {
            url: url('gitea'),
            on,
            format: 'gitea',
            secret: 'gitea-secret-0123',
          }),
        });
        await register(farm, 'other', hooked({ url: url('other'), on }));
        await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
        await until(() => receiver.received.length === 4);
        commitFiles(farm.repository, { 'report.json': eslintReport('b.js', "'y' is not defined", 7) });
        const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
        await farm.http.ended(job_id);
        await until(() => receiver.received.length === 8);
        const at = (name: string) => receiver.received.findLast(({ path }) => path === `/${name}`);
        const link = `https://farm.example.org/ui/jobs/${job_id}`;
        const [{ id }] = (await farm.http.get('/findings?project=web&state=open')).json.findings;
        const found = `https://farm.example.org/ui/findings/${id}`;
        const line = 'lint on main failed: 1 new (1 error), 1 fixed';
        const item = "error eslint no-undef b.js:7 'y' is not defined";
        assert.equal(at('slack')?.body.text, `*web* ${line} <${link}|job>\n• <${found}|open> ${item}`);
        const [escapedLine, escapedItem] = [line, item].map((text) => text.replace(/[()\-.]/g, '\\$&'));
        const chat = (word: string, open: string) => `**web** ${escapedLine} ${word}\n- ${open} ${escapedItem}`;
        const plain = (text: string) => text.replaceAll('\u200b', '');
        assert.equal(plain(at('mattermost')?.body.text), chat(`[job](${link})`, `[open](${found})`));
        assert.equal(plain(at('discord')?.body.content), chat(`[job](<${link}>)`, `[open](<${found}>)`));
        assert.deepEqual(at('gitea')?.body.news.by_severity, { error: 1 });
        assert.deepEqual(at('discord')?.body.allowed_mentions, { parse: [] });
        const gitea = at('gitea');
        const signature = createHmac('sha256', 'gitea-secret-0123')
          .update(gitea?.text ?? '')
          .digest('hex');
        assert.equal(gitea?.headers['x-gitea-signature'], signature);
        assert.equal(gitea?.headers['x-gitea-event'], 'FindingsParsed');
        assert.equal(gitea?.headers['x-gitea-delivery'], gitea?.body.id);
        assert.equal(at('slack')?.headers['webhook-signature'], undefined);
        // What was closed and is back is told by its name, too.
        commitFiles(farm.repository, { 'report.json': eslintReport('a.js', "'x' is not defined") });
        await farm.http.ended((await enqueue(farm, 'web', { recipe: 'lint' })).job_id);
        await until(() => receiver.received.length === 12);
        assert.match(at('slack')?.body.text, /lint on main failed: 1 came back, 1 fixed/);
        assert.match(
          at('slack')?.body.text,
          /\n• <[^|]*\/findings\/\d+\|open> back: error eslint no-undef a\.js:\d+ 'x' is/,
        );
      },
      { env, files: { 'report.json': eslintReport('a.js', "'x' is not defined") } },
    ),
  ));
