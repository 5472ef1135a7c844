import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { liveRunners } from '../../../services/api/live/live-runners.ts';
import { type RunningJob, whyWaiting } from '../../../services/api/status/status-facts.ts';
import { type ApiClient, apiClient } from '../../../services/cli/farm/api-client.ts';
import { widthOf } from '../../../services/cli/print/fit-table.ts';
import { eventRate, type StatusDocument } from '../../../services/cli/status/status-document.ts';
import { frameOf } from '../../../services/cli/status/status-frame.ts';
import { type StatusOptions, statusScreen } from '../../../services/cli/status/status-screen.ts';
import { durationOf } from '../../../services/cli/status/status-sections.ts';
import { AppError } from '../../../services/floor/app-error.ts';
import type { Bucket } from '../../../services/io/nats/stores/bucket.ts';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';
import { enqueue, eslintReport, register } from '../api/registered.ts';
import { type WatchedCli, watchedCli } from './watched-cli.ts';

const farm = await openFarm({
  env: { CRAFTING_SLOTS: '2', CRAFTING_PATCHER_FORGE: 'none', CRAFTING_CONTAINMENT: 'process-group' },
  files: { 'report.json': eslintReport('src/a.js', "'x' is not defined") },
});
const { http } = farm;
const go = join(farm.dir, 'go');
let bearer = '';

after(async () => {
  writeFileSync(go, '');
  await farm.close();
});

before(async () => {
  bearer = await http.mint('ann');
  const wait = `until [ -e ${go} ]; do sleep 0.1; done`;
  await register(farm, 'shop', {
    bearer,
    commands: { lint: 'cat report.json', test: wait },
    concurrency: { max_running: 1 },
    schedule: { lint: '0 0 1 1 *' },
  });
  await register(farm, 'hidden', { commands: { test: wait } });
  await http.ended((await enqueue(farm, 'shop', { recipe: 'lint' }, { bearer })).job_id, { bearer });
  await enqueue(farm, 'shop', { recipe: 'test' }, { bearer });
  await until(async () => (await lookAs(bearer)).running.length === 1);
  await enqueue(farm, 'shop', { recipe: 'test' }, { bearer });
  await enqueue(farm, 'hidden', { recipe: 'test' });
  await until(async () => (await lookAs(farm.admin)).running.length === 2);
  await enqueue(farm, 'hidden', { recipe: 'test', priority: 'high' });
  await until(async () => (await lookAs(farm.admin)).consumers.every(({ behind }) => behind === 0));
});

const lookAs = (who: string) => apiClient(farm.url, who).get<StatusDocument>('/status');
const once: StatusOptions = { intervalMs: 100, once: true, output: 'table' };

/** A hand on the keyboard and on the edge of the window. */
function hand() {
  const listener = { key: (_key: string) => {}, resize: () => {} };
  let listens = 0;
  const listen = (on: typeof listener) => {
    listens += 1;
    Object.assign(listener, on);
    return () => {
      listens -= 1;
    };
  };
  return {
    hands: { listen },
    press: (key: string) => listener.key(key),
    resize: () => listener.resize(),
    listens: () => listens,
  };
}

/** The lines of each frame that was shown. */
function framesIn(cli: WatchedCli): string[][] {
  const frames = cli.out().split('\x1b[?2026h\x1b[H').slice(1);
  return frames.map((frame) =>
    (frame.split('\x1b[J\x1b[?2026l')[0] ?? '').split('\x1b[K').map((line) => line.replace(/^\r\n/, '')),
  );
}

test('one look shows slots, what runs and waits and why, consumers, findings and what is next', async () => {
  const cli = watchedCli({ client: async () => apiClient(farm.url, farm.admin) });
  assert.equal(await statusScreen(once, cli), 0);
  const page = cli.out();
  assert.match(page, /^slots 2\/2 {2}running 2 {2}queued 2 {2}reading 0$/m);
  assert.match(page, /^log at \d+; read models up to date$/m);
  assert.match(page, /^RUNNERS 1, 2 of 2 slots busy\n {2}#{10} {2}2\/2 +\S+ +process-group, sandbox none$/m);
  assert.match(page, /^RUNNING 2\n {2}\d+\.\d s +test +shop +main\n {2}\d+\.\d s +test +hidden +main$/m);
  assert.match(
    page,
    /^QUEUE 2\n {2}\S+ s +high +1 x +hidden +every slot is busy\n {2}\S+ s +normal +1 x +shop +the project runs its 1 at once$/m,
  );
  assert.match(page, /^NEXT\n {2}in .{1,8} +lint +shop +\d\d-\d\d \d\d:\d\dZ$/m);
  assert.match(page, /^CONSUMERS are up to date\n(.*\n)* {2}parser +0 behind$/m);
  assert.match(page, /^LAST FINDINGS\n {2}error +shop +src\/a\.js:1 +no-undef: 'x' is not defined$/m);
  assert.ok(!page.includes('\x1b'));
});

test('a token sees its own jobs, queue, findings and schedules, and nothing of who runs them', async () => {
  const own = await lookAs(bearer);
  assert.deepEqual([own.admin, own.jobs.queued, own.running.length, own.queue.length], [false, 1, 1, 1]);
  assert.deepEqual([own.runners, own.consumers, own.notices_pending], [[], [], null]);
  assert.ok(!JSON.stringify(own).includes('hidden'));
  const other = await lookAs(await http.mint('bob'));
  assert.ok(!/hidden|shop/.test(JSON.stringify(other)));
  assert.deepEqual([other.running, other.queue, other.findings, other.schedules], [[], [], [], []]);
});

test('a consumer that does not keep up is shown with how far it is behind', async () => {
  const { jsm } = farm.store.nats;
  const durable_name = 'slow-JobEnqueued';
  const subjects = {
    filter_subject: 'ct.job.*.JobEnqueued',
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
  };
  await jsm.consumers.add('CT_EVENTS', { durable_name, ...subjects });
  try {
    const { consumers } = await lookAs(farm.admin);
    assert.deepEqual(
      consumers.find(({ name }) => name === 'slow'),
      { name: 'slow', behind: 5, in_flight: 0 },
    );
  } finally {
    await jsm.consumers.delete('CT_EVENTS', durable_name);
  }
});

test('the screen lives in its own window, follows its size, and q gives it back', async () => {
  const cli = watchedCli({ isTTY: true, rows: 24, columns: 80, client: async () => apiClient(farm.url, farm.admin) });
  const { hands, press, resize, listens } = hand();
  const left = statusScreen({ ...once, once: false }, cli, hands);
  await until(() => framesIn(cli).length >= 3);
  Object.assign(cli.terminal, { rows: 60, columns: 200 });
  const before = framesIn(cli).length;
  resize();
  assert.equal(framesIn(cli).length, before + 1);
  press('x');
  press('q');
  assert.equal(await left, 0);
  assert.equal(listens(), 0);
  assert.ok(cli.out().startsWith('\x1b[?1049h\x1b[?25l'));
  assert.ok(cli.out().endsWith('\x1b[?25h\x1b[?1049l'));
  const [first = [], last = []] = [framesIn(cli)[0], framesIn(cli).at(-1)];
  assert.ok(first.length <= 24 && first.every((line) => widthOf(line) <= 80), first.join('\n'));
  assert.ok(last.length <= 60 && last.every((line) => widthOf(line) <= 200), last.join('\n'));
  assert.ok(last.some((line) => /RUNNING 2 +LAST FINDINGS|RUNNERS 1.* {2}CONSUMERS/.test(line)));
});

test('Ctrl-C leaves it, as a key and as a signal, also while the service does not answer', async () => {
  const looks: (() => Promise<StatusDocument>)[] = [() => lookAs(farm.admin)];
  const get = () => (looks.shift() ?? (() => new Promise<StatusDocument>(() => {})))();
  const client = async () => ({ ...apiClient(farm.url, ''), get }) as ApiClient;
  const live = { ...once, once: false };
  const byKey = { cli: watchedCli({ isTTY: true, client }), ...hand() };
  const left = statusScreen(live, byKey.cli, byKey.hands);
  await until(() => framesIn(byKey.cli).length === 1);
  byKey.press('\x03');
  assert.equal(await left, 0);
  looks.push(() => lookAs(farm.admin));
  const bySignal = { cli: watchedCli({ isTTY: true, client }), ...hand() };
  const ended = statusScreen(live, bySignal.cli, bySignal.hands);
  await until(() => framesIn(bySignal.cli).length === 1);
  bySignal.cli.interrupt();
  assert.equal(await ended, 130);
  assert.ok(bySignal.cli.out().endsWith('\x1b[?1049l'));
});

test('a service that is away for a moment is said and waited for, a token that was revoked ends the screen cleanly', async () => {
  const away = new AppError('unavailable', 'The service does not answer.');
  const looks = [undefined, away, undefined, new AppError('unauthorized', 'Unknown bearer.')];
  const get = async () => {
    const trouble = looks.shift();
    if (trouble) throw trouble;
    return lookAs(farm.admin);
  };
  const cli = watchedCli({ isTTY: true, client: async () => ({ ...apiClient(farm.url, ''), get }) as ApiClient });
  const { hands, listens } = hand();
  await assert.rejects(statusScreen({ ...once, once: false }, cli, hands), /Unknown bearer/);
  const told = framesIn(cli).map((lines) => lines.some((line) => line === '! no answer: The service does not answer.'));
  assert.deepEqual(told, [false, true, false]);
  assert.ok(cli.out().endsWith('\x1b[?25h\x1b[?1049l'));
  assert.equal(listens(), 0);
});

test('without a terminal it is printed once, as a page or as JSON', async () => {
  const client = async () => apiClient(farm.url, farm.admin);
  const page = watchedCli({ client });
  await statusScreen({ ...once, once: false }, page);
  assert.match(page.out(), /^QUEUE 2$/m);
  const json = watchedCli({ client });
  await statusScreen({ ...once, output: 'json' }, json);
  assert.equal(JSON.parse(json.out()).jobs.queued, 2);
});

test('a frame fits every window, whatever names say, and lets no section push out another', async () => {
  const status = await lookAs(farm.admin);
  const evil = '\x1b[2J\x07\u202eevil\n漢字漢字';
  const grow = <T>(all: readonly T[], how: (one: T) => T) => Array.from({ length: 40 }, () => how(all[0] as T));
  const hostile: StatusDocument = {
    ...status,
    running: grow(status.running, (one) => ({ ...one, project: evil.repeat(4), branch: evil, subproject: evil })),
    queue: grow(status.queue, (one) => ({ ...one, project: evil, why: evil.repeat(4) })),
    findings: grow(status.findings, (one) => ({ ...one, file: evil, code: evil, message: evil })),
    digest_overdue: { date: '2026-01-01', projects: 2, reason: evil },
  };
  const look = { url: 'http://farm', status: hostile, rate: 12.34, trouble: evil };
  for (const [columns, rows] of [
    [80, 24],
    [200, 60],
    [140, 20],
    [40, 8],
    [20, 3],
  ] as const)
    for (const colour of [false, true]) {
      const lines = frameOf(look, { columns, rows }, watchedCli({ isTTY: true, colour }));
      const plain = lines.map((line) => (colour ? line.replace(/\x1b\[[\d;]*m/g, '') : line));
      assert.ok(lines.length <= rows, `${lines.length} lines in ${rows}`);
      for (const line of plain) {
        assert.ok(widthOf(line) <= columns, `${widthOf(line)} of ${columns}: ${line}`);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
      }
      if (rows >= 20)
        assert.equal(plain.join('\n').match(/RUNNERS|RUNNING|QUEUE|NEXT|CONSUMERS|FINDINGS|PATCHES/g)?.length, 7);
    }
});

test('why a job waits is the nearest of its limits', () => {
  const running = [
    { owner: 'a', job: { project: 'shop' }, group: 'db' },
    { owner: 'b', job: { project: 'web' }, group: null },
  ] as RunningJob[];
  const runner = {
    name: 'one',
    host: 'h',
    slots: 3,
    containment: 'subreaper',
    sandbox: null,
    labels: [],
    claims: false,
  };
  const why = (concurrency: Parameters<typeof whyWaiting>[0]['concurrency'], runners = [runner]) =>
    whyWaiting({ project: 'shop', concurrency }, { running, runners });
  assert.equal(why({}, []), 'no runner is there');
  assert.equal(why({ max_running: 1 }), 'the project runs its 1 at once');
  assert.equal(why({ max_running: 2, group: 'db', group_max_running: 1 }), 'the group db runs its 1 at once');
  assert.equal(why({}, [{ ...runner, slots: 2 }]), 'every slot is busy');
  assert.equal(why({ max_running: 2 }), 'a runner is about to take it');
});

test('a runner whose lease stood still while those of others moved is no longer shown', async () => {
  const lease = (host: string) => Buffer.from(JSON.stringify({ host, slots: 2, containment: 'subreaper' }));
  const held = new Map([
    ['dead', { value: lease('a'), revision: 1 }],
    ['live', { value: lease('b'), revision: 2 }],
  ]);
  const live = liveRunners({ entries: async () => held } as unknown as Bucket);
  const names = async () => (await live()).map(({ name }) => name);
  assert.deepEqual(await names(), ['dead', 'live']);
  held.set('live', { value: lease('b'), revision: 40 });
  assert.deepEqual(await names(), ['live']);
});

test('the rate counts events over the last looks, and spans of time stay short', () => {
  const rate = eventRate();
  assert.equal(rate(100, 0), null);
  assert.equal(rate(150, 1_000), 50);
  assert.equal(rate(null, 2_000), 50);
  for (let second = 3; second <= 60; second += 1) rate(150, second * 1000);
  assert.equal(rate(150, 61_000), 0);
  assert.deepEqual([4_250, 187_000, 8_109_000, 273_600_000, 1e10].map(durationOf), [
    '4.2 s',
    '3:07',
    '2:15:09',
    '3 d 4 h',
    '115 d',
  ]);
});
