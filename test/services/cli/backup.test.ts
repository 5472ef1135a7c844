import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { seal } from '../../../events/envelope.ts';
import { subjectOf } from '../../../events/subjects.ts';
import { writeBackup } from '../../../services/backup/write-backup.ts';
import { backup } from '../../../services/cli/offline/backup.ts';
import { restore } from '../../../services/cli/offline/restore.ts';
import { silent } from '../../../services/io/log.ts';
import { openStore, type Store } from '../../../services/io/open-store.ts';
import { start } from '../../../services/start.ts';
import { startIn, testConfig } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

const count = 20_000;
const dir = mkdtempSync(join(tmpdir(), 'ct-backup-'));
const env = { CRAFTING_DATA_DIR: join(dir, 'data') };
const key = join(dir, 'data', 'secret.key');
const grown = join(dir, 'grown.tar');
const text = randomBytes(80).toString('hex');
let farm: Awaited<ReturnType<typeof startIn>>;

/** An event of which no consumer takes note. */
const draft = (number: number) =>
  ({
    type: 'DeliveryAbandoned',
    id: `c.${number}`,
    data: { consumer: 'c', event_seq: number, event_type: 'x', attempts: 1, reason: text.slice(number % 40) },
  }) as const;

/** Straight to the stream, which takes what nobody waits for in order too. */
async function fill({ nats, log }: Store): Promise<void> {
  const { payload, headers, id } = seal(draft(1), { source: '/test', now: new Date() });
  const named = natsHeaders();
  for (const [name, value] of Object.entries(headers)) named.set(name, value);
  for (let number = 1; number <= count; number += 1) {
    for (const name of ['ce-id', 'Nats-Msg-Id']) named.set(name, `${id}-${number}`);
    nats.connection.publish(subjectOf('DeliveryAbandoned', `c.${number}`), payload, { headers: named });
    if (number % 1_000 === 0) await nats.connection.flush();
  }
  await until(async () => (await log.end()) === count);
}

before(async () => {
  const store = await openStore(testConfig(dir), silent);
  await fill(store).finally(() => store.close());
  farm = await startIn(dir, { CRAFTING_ROLES: 'api' });
});

after(async () => {
  await farm?.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const ask = (bearer: string, signal?: AbortSignal) =>
  fetch(`${farm.url}/admin/backup`, { headers: { authorization: `Bearer ${bearer}` }, signal: signal ?? null });

test('a backup of a running farm ends at one sequence while the log grows, and is the only one meanwhile', async () => {
  const { log } = farm.store;
  const begin = await log.end();
  // At once: the whole of a small backup fits into what lies between the two ends.
  const answers = await Promise.all([ask(farm.admin), ask(farm.admin)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  const body = answers.find(({ status }) => status === 200)?.body;
  const writing = writeBackup(grown, body ?? assert.fail());
  for (let number = count + 1; number <= count + 300; number += 1) await log.append(draft(number), { expect: 0 });
  const { last_seq, events, parts } = (await writing).manifest;
  assert.equal(events, last_seq);
  assert.ok(last_seq >= begin && last_seq < (await log.end()), `${begin} ${last_seq}`);
  assert.ok(parts.length >= 3, `${parts.length} parts`);
});

test('a backup is for an admin alone, and a reader that went away makes room for the next', async () => {
  assert.equal((await ask(await farm.http.mint('ann'))).status, 403);
  const begun = async () => {
    const away = new AbortController();
    const { status } = await ask(farm.admin, away.signal);
    away.abort();
    return status === 200;
  };
  assert.equal(await begun(), true);
  assert.equal(await until(begun), true);
});

test('a backup of a service elsewhere needs a bearer that it takes, and leaves nothing without one', async () => {
  const file = join(dir, 'other.tar');
  await assert.rejects(
    backup(env, { file, url: farm.url }, () => {}),
    /CRAFTING_TABLE_TOKEN/,
  );
  const bad = backup({ ...env, CRAFTING_TABLE_TOKEN: 'ct_no' }, { file, url: farm.url }, () => {});
  await assert.rejects(bad, /Send a known bearer/);
  assert.deepEqual([file, `${file}.partial`].filter(existsSync), []);
});

test('a restore that is killed leaves nothing that runs, and the next one begins anew', async () => {
  const file = grown;
  const target = join(dir, 'killed');
  const data = join(target, 'data');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'restore-child.ts'), file, key], {
    env: { ...process.env, CRAFTING_DATA_DIR: data },
    stdio: 'ignore',
  });
  await until(() => child.exitCode !== null || sizeOf(join(data, 'restoring')) > 500_000);
  child.kill('SIGKILL');
  const [code] = await once(child, 'exit');
  assert.equal(code, null, 'it was over before it could be killed');
  await assert.rejects(start(testConfig(target), silent), { code: 'conflict', message: /was not finished/ });
  assert.equal(existsSync(join(data, 'nats')), false);
  const said: string[] = [];
  assert.equal(await restore({ CRAFTING_DATA_DIR: data }, { file, key, json: true }, (line) => said.push(line)), 0);
  const store = await openStore(testConfig(target), silent);
  try {
    assert.equal(await store.log.end(), JSON.parse(said[0] ?? '').last_seq);
    assert.equal((await store.log.last('DeliveryAbandoned', `c.${count}`))?.seq, count);
  } finally {
    await store.close();
  }
});

/** Bytes below a folder; what comes and goes meanwhile does not count. */
function sizeOf(path: string): number {
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return found.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}
