import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';
import { subjectOf } from '../../../events/subjects.ts';
import { backupFormat } from '../../../services/backup/backup-manifest.ts';
import { decodeRecords, encodeRecord } from '../../../services/backup/message-record.ts';
import { finishRestore } from '../../../services/backup/restore-folder.ts';
import { tarOf } from '../../../services/backup/tar-file.ts';
import { backup } from '../../../services/cli/offline/backup.ts';
import { restore } from '../../../services/cli/offline/restore.ts';
import { silent } from '../../../services/io/log.ts';
import { openStore } from '../../../services/io/open-store.ts';
import { testConfig } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';

const dir = mkdtempSync(join(tmpdir(), 'ct-backup-'));
const source = { CRAFTING_DATA_DIR: join(dir, 'data') };
const tar = join(dir, 'farm.tar');
const key = join(dir, 'data', 'secret.key');
const quiet = () => {};
let files: { name: string; bytes: Buffer }[];

before(async () => {
  const store = await openStore(testConfig(dir), silent);
  const data = { consumer: 'c', event_seq: 1, event_type: 'JobEnqueued', attempts: 20, reason: 'none' };
  for (const id of ['c.1', 'c.2', 'c.3'])
    await store.log.append({ type: 'DeliveryAbandoned', id, data }, { expect: 0 });
  await store.vault.put('hush hush');
  await store.vault.erase(await store.vault.put('erased'));
  await store.close();
  assert.equal(await backup(source, { file: tar }, quiet), 0);
  const entries = await unpackTar(readFileSync(tar));
  files = entries.map(({ header, data: bytes }) => ({ name: header.name, bytes: Buffer.from(bytes ?? []) }));
});

after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const manifestOf = (all: typeof files): Json => JSON.parse(String(all.at(-1)?.bytes));

/** The backup with other files in it, as a hand without the key makes it. */
async function forged(name: string, change: (all: typeof files) => typeof files): Promise<string> {
  const path = join(dir, name);
  const all = change(files.map((one) => ({ ...one })));
  const entries = all.map((one) => ({ header: { name: one.name, size: one.bytes.length }, body: one.bytes }));
  writeFileSync(path, await packTar(entries));
  return path;
}

const withManifest = (all: typeof files, change: (manifest: Json) => Json) => [
  ...all.slice(0, -1),
  { name: 'manifest.json', bytes: Buffer.from(JSON.stringify(change(manifestOf(all)))) },
];

let tries = 0;
/** Restores into a new folder, and sees that nothing is there afterwards. */
async function refused(file: string, says: RegExp, keyFile = key): Promise<void> {
  tries += 1;
  const target = join(dir, `try-${tries}`);
  await assert.rejects(restore({ CRAFTING_DATA_DIR: target }, { file, key: keyFile }, quiet), (error: Error) => {
    assert.match(error.message, says);
    return true;
  });
  const left = existsSync(target) ? readdirSync(target).filter((name) => !name.startsWith('lock.')) : [];
  assert.deepEqual(left, []);
}

test('a backup is a tar for its owner alone, holds no key and no plain secret, and ends with its manifest', () => {
  assert.equal(statSync(tar).mode & 0o777, 0o600);
  assert.equal(existsSync(`${tar}.partial`), false);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['secrets/000001.gz', 'events/000001.gz', 'manifest.json'],
  );
  const manifest = manifestOf(files);
  // Two events and a secret more than were made: the key that signs, and the checkpoint of this backup.
  assert.deepEqual([manifest.format, manifest.last_seq, manifest.events, manifest.secrets], [1, 5, 5, 2]);
  const whole = files.map(({ name, bytes }) => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes)).join('\n');
  for (const secret of ['hush hush', readFileSync(key, 'utf8').trim()]) assert.ok(!whole.includes(secret));
  const [first] = decodeRecords(gunzipSync(files[1]?.bytes ?? ''));
  assert.deepEqual([first?.seq, first?.subject], [1, subjectOf('DeliveryAbandoned', 'c.1')]);
  assert.equal(first?.headers['ce-type'], 'DeliveryAbandoned');
});

test('a backup is never written over another file', async () => {
  const before = sha256(readFileSync(tar));
  await assert.rejects(backup(source, { file: tar }, quiet), { code: 'conflict', message: /never written over/ });
  assert.equal(sha256(readFileSync(tar)), before);
});

test('a folder without a farm is not made into one to be backed up', async () => {
  const empty = { CRAFTING_DATA_DIR: join(dir, 'nothing') };
  await assert.rejects(backup(empty, { file: join(dir, 'none.tar') }, quiet), { code: 'not_found' });
  assert.equal(existsSync(join(dir, 'nothing')), false);
});

test('what was cut off, damaged, changed or made by a newer version is refused in one sentence', async () => {
  const bytes = readFileSync(tar);
  const cut = join(dir, 'cut.tar');
  for (const length of [0, 300, 700, bytes.length - 1024, bytes.length - 3000]) {
    writeFileSync(cut, bytes.subarray(0, length));
    await refused(cut, /cut off/);
  }
  const flipped = Buffer.from(bytes);
  flipped[512 + 20] = (flipped[512 + 20] ?? 0) ^ 1;
  writeFileSync(cut, flipped);
  await refused(cut, /damaged: the part secrets\/000001\.gz/);
  await refused(join(dir, 'absent.tar'), /cannot be read: ENOENT/);
  const newer = await forged('newer.tar', (all) =>
    withManifest(all, (manifest) => ({ ...manifest, format: backupFormat + 1 })),
  );
  await refused(newer, new RegExp(`has format ${backupFormat + 1}, this crafting-table reads ${backupFormat}`));
  await refused(await forged('less.tar', ([, ...rest]) => rest), /lacks the part secrets/);
  const more = { name: 'events/000002.gz', bytes: Buffer.from('x') };
  await refused(await forged('more.tar', (all) => [...all.slice(0, -1), more, ...all.slice(-1)]), /does not name/);
  await refused(await forged('behind.tar', (all) => [...all, more]), /goes on behind its manifest/);
});

test('a backup that was changed without the key is refused, also when its checksums are right', async () => {
  const changed = await forged('changed.tar', (all) => {
    const part = all[1];
    assert.ok(part);
    const records = [...decodeRecords(gunzipSync(part.bytes))].map((one) => ({
      ...one,
      data: Buffer.from(String(one.data).replace('none', 'some')),
    }));
    part.bytes = gzipSync(Buffer.concat(records.map(encodeRecord)));
    return withManifest(all, (manifest) => ({
      ...manifest,
      parts: manifest.parts.map((one: Json) =>
        one.name === part.name ? { ...one, bytes: part.bytes.length, sha256: sha256(part.bytes) } : one,
      ),
    }));
  });
  await refused(changed, /manifest of the backup was changed after it was made/);
});

test('another key is known as such before anything is written', async () => {
  const other = join(dir, 'other.key');
  writeFileSync(other, 'ab'.repeat(32));
  await refused(tar, /The key is not that of the backup/, other);
  writeFileSync(other, 'secret');
  await refused(tar, /must hold 64 hexadecimal digits/, other);
});

test('a folder that is not empty is refused with what it holds, and moved aside when that is wanted', async () => {
  const target = join(dir, 'full');
  mkdirSync(target);
  writeFileSync(join(target, 'notes.txt'), 'mine');
  const env = { CRAFTING_DATA_DIR: target };
  await assert.rejects(restore(env, { file: tar, key }, quiet), { code: 'conflict', message: /it holds notes\.txt/ });
  const said: string[] = [];
  assert.equal(await restore(env, { file: tar, key, force: true, json: true }, (line) => said.push(line)), 0);
  const { replaced, secrets } = JSON.parse(said[0] ?? '');
  assert.equal(readFileSync(join(target, replaced, 'notes.txt'), 'utf8'), 'mine');
  assert.equal(secrets, 2);
  assert.equal(readFileSync(join(target, 'secret.key'), 'utf8').trim(), readFileSync(key, 'utf8').trim());
  const store = await openStore({ ...testConfig(dir), dataDir: target }, silent);
  const end = await store.log.end().finally(() => store.close());
  assert.equal(end, 5);
});

test('a restore that was whole when it was killed is finished, however far its files had been moved', async () => {
  for (const moved of [[], ['secret.key'], ['secret.key', 'restored.json'], ['secret.key', 'restored.json', 'nats']]) {
    const target = mkdtempSync(join(dir, 'half-'));
    const [work, aside] = [join(target, 'restoring'), 'replaced-2026-01-01'];
    mkdirSync(work);
    writeFileSync(join(work, 'complete'), aside);
    writeFileSync(join(target, 'old.db'), 'old');
    for (const name of ['secret.key', 'restored.json', 'nats']) {
      writeFileSync(join(moved.includes(name) ? target : work, name), 'new');
      if (!moved.includes(name)) writeFileSync(join(target, name), 'old');
    }
    await finishRestore(target);
    for (const name of ['secret.key', 'restored.json', 'nats'])
      assert.equal(readFileSync(join(target, name), 'utf8'), 'new');
    assert.equal(readFileSync(join(target, aside, 'old.db'), 'utf8'), 'old');
    assert.equal(existsSync(work), false);
  }
});

test('a tar is made no faster than it is taken', async () => {
  let made = 0;
  async function* parts() {
    for (; made < 64; made += 1) yield { name: `events/${made}`, bytes: Buffer.alloc(1024 * 1024, made) };
  }
  let taken = 0;
  for await (const chunk of tarOf(parts(), new Date(0))) {
    taken += chunk.length;
    assert.ok(made * 1024 * 1024 - taken < 12 * 1024 * 1024, `${made} parts are made when ${taken} bytes are taken`);
    if (made > 30) break;
    await new Promise(setImmediate);
  }
  assert.ok(made < 50);
});
