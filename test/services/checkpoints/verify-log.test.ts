import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { eventStream } from '../../../events/streams.ts';
import { decodeRecords, encodeRecord } from '../../../services/backup/message-record.ts';
import { filesOf, type TarFile, tarOf } from '../../../services/backup/tar-file.ts';
import { makeCheckpoint } from '../../../services/checkpoints/make-checkpoint.ts';
import { readConfig } from '../../../services/config.ts';
import { silent } from '../../../services/io/log.ts';
import { readRange, writeInOrder } from '../../../services/io/nats/stream-snapshot.ts';
import { openStore } from '../../../services/io/open-store.ts';
import { openFarm } from '../../support/farm.ts';
import { enqueue, register } from '../api/registered.ts';
import { say } from '../cli/captured-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'ct-checkpoints-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => join(dir, name);
const configIn = (dataDir: string) => readConfig({ CRAFTING_DATA_DIR: dataDir });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A backup in which somebody without the farm's keys has changed a job's command, and every checksum with it. */
async function forged(from: string, to: string): Promise<number> {
  const files: TarFile[] = [];
  let changed = 0;
  const sums = new Map<string, { bytes: number; sha256: string }>();
  for await (const { name, bytes } of filesOf(from)) {
    if (!name.startsWith('events/')) files.push({ name, bytes: Buffer.from(bytes) });
    else {
      const records = [...decodeRecords(await promisify(gunzip)(bytes))].map((record) => {
        if (changed > 0 || !record.subject.endsWith('.JobEnqueued')) return record;
        changed = record.seq;
        return { ...record, data: Buffer.from(Buffer.from(record.data).toString().replace('"true"', '"false"')) };
      });
      const packed = await promisify(gzip)(Buffer.concat(records.map(encodeRecord)));
      sums.set(name, { bytes: packed.length, sha256: sha256(packed) });
      files.push({ name, bytes: packed });
    }
  }
  const whole = files.map((file) => {
    if (file.name !== 'manifest.json') return file;
    const manifest = JSON.parse(file.bytes.toString());
    for (const part of manifest.parts) Object.assign(part, sums.get(part.name));
    return { ...file, bytes: Buffer.from(JSON.stringify(manifest)) };
  });
  const pieces: Uint8Array[] = [];
  const each = async function* () {
    yield* whole;
  };
  for await (const piece of tarOf(each(), new Date(0))) pieces.push(piece);
  await writeFile(to, Buffer.concat(pieces));
  return changed;
}

/** A backup that ends behind its second event, with a manifest that says so. */
async function cutOff(from: string, to: string): Promise<void> {
  const kept = 2;
  const files: TarFile[] = [];
  for await (const { name, bytes } of filesOf(from)) {
    const own = Buffer.from(bytes);
    if (name.startsWith('events/')) {
      const records = [...decodeRecords(await promisify(gunzip)(own))].slice(0, kept);
      files.push({ name, bytes: await promisify(gzip)(Buffer.concat(records.map(encodeRecord))) });
    } else if (name === 'manifest.json') {
      const manifest = JSON.parse(own.toString());
      const [part] = manifest.parts.filter((one: { name: string }) => one.name.startsWith('events/'));
      const { bytes: packed } = files.find((one) => one.name === part.name) ?? { bytes: Buffer.alloc(0) };
      Object.assign(part, { bytes: packed.length, sha256: sha256(packed), messages: kept, last: kept });
      files.push({ name, bytes: Buffer.from(JSON.stringify({ ...manifest, last_seq: kept, events: kept })) });
    } else files.push({ name, bytes: own });
  }
  const pieces: Uint8Array[] = [];
  const each = async function* () {
    yield* files;
  };
  for await (const piece of tarOf(each(), new Date(0))) pieces.push(piece);
  await writeFile(to, Buffer.concat(pieces));
}

/** A data folder whose log lacks one event: what came behind it moved up, and one more checkpoint was made. */
async function rewritten(from: string, to: string, without: number): Promise<boolean> {
  mkdirSync(to);
  copyFileSync(join(from, 'secret.key'), join(to, 'secret.key'));
  const [old, store] = await Promise.all([openStore(configIn(from), silent), openStore(configIn(to), silent)]);
  try {
    const last = await old.log.end();
    const rest = async function* () {
      for await (const message of readRange(old.nats, eventStream.name, { first: 1, last })) {
        const { 'Nats-Expected-Last-Subject-Sequence': _, ...headers } = message.headers;
        if (message.seq !== without)
          yield { ...message, headers, seq: message.seq > without ? message.seq - 1 : message.seq };
      }
    };
    await writeInOrder(store.nats, eventStream.name, rest());
    // As the service of that folder would.
    await makeCheckpoint('hourly', { ...old, log: store.log, nats: store.nats, dataDir: null });
    return true;
  } finally {
    await Promise.all([old.close(), store.close()]);
  }
}

describe('the log of a farm', () => {
  it('is held against its checkpoints while it runs, in a backup, and in its folder; what was done to it is named', async () => {
    const farm = await openFarm();
    const dataDir = farm.dataDir;
    const { http } = farm;
    let closed = false;
    try {
      await register(farm, 'app', { commands: { test: 'true' } });
      await http.ended((await enqueue(farm, 'app', { recipe: 'test' })).job_id);
      const env = { CRAFTING_TABLE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin, CRAFTING_DATA_DIR: dataDir };
      const none = await say(['audit', 'verify', '--json'], { env });
      assert.equal(JSON.parse(none.out).checkpoints, 0, none.err);
      const made = await say(['backup', at('farm.tar')], { env });
      assert.equal(made.code, 0, made.out + made.err);
      const running = await say(['audit', 'verify'], { env });
      assert.equal(running.code, 0, running.out + running.err);
      assert.match(running.out, /1 checkpoints; vouched for up to event \d+/);
      // Another key signs from now on; the one before stays in the key set, and what it signed stays good.
      const asked = await say(['signing', 'rotate'], { env });
      assert.deepEqual([asked.code, /say --yes/.test(asked.err)], [2, true], asked.err);
      const rotated = await say(['signing', 'rotate', '--yes'], { env });
      assert.match(rotated.out, /^signs with [0-9a-f]{64} from now on/, rotated.err);
      const keys = await say(['signing'], { env });
      assert.deepEqual(keys.out.match(/now$|no more/gm), ['now', 'no more'], keys.out);
      await writeFile(at('keys.json'), (await say(['signing', 'keys', '--json'], { env })).out);
      const ofBackup = ['audit', 'verify', '--key', at('keys.json'), '--backup'];
      const whole = await say([...ofBackup, at('farm.tar')]);
      assert.equal(whole.code, 0, whole.out + whole.err);
      const seq = await forged(at('farm.tar'), at('forged.tar'));
      const other = await say([...ofBackup, at('forged.tar'), '--json']);
      assert.equal(other.code, 1, other.out + other.err);
      assert.deepEqual([JSON.parse(other.out).fault.kind, JSON.parse(other.out).fault.seq], ['changed', seq]);
      // The seal, or a head that somebody kept, shows what the chain by itself cannot: that its end was cut off.
      const [, kept = ''] = /--head (\d+:[0-9a-f]{64})/.exec(whole.out) ?? [];
      assert.match(whole.out, /The chain is whole up to event \d+; nothing vouches for what came after/);
      assert.match(whole.err, /seal of the backup was not checked/);
      const sealed = ['--secret-key', join(dataDir, 'secret.key')];
      const held = await say([...ofBackup, at('farm.tar'), '--head', kept, ...sealed]);
      assert.deepEqual([held.code, held.err], [0, '']);
      assert.match(held.out, /The log is whole up to event \d+, and holds the head that was kept of event/);
      assert.match((await say(['audit', 'verify', '--head', kept], { env })).out, /holds the head that was kept/);
      await cutOff(at('farm.tar'), at('cut.tar'));
      const alone = await say([...ofBackup, at('cut.tar')]);
      assert.match(
        alone.out + alone.err,
        /whole up to event 0; nothing vouches.*[\s\S]*seal of the backup was not checked/,
      );
      const unsealed = await say([...ofBackup, at('cut.tar'), ...sealed]);
      assert.notEqual(unsealed.code, 0);
      assert.match(unsealed.err, /manifest of the backup was changed/);
      const shorter = await say([...ofBackup, at('cut.tar'), '--head', kept]);
      assert.equal(shorter.code, 1, shorter.out + shorter.err);
      assert.match(shorter.out, /kept elsewhere is not in it/);
      assert.match((await say([...ofBackup, at('cut.tar'), '--head', '12'])).err, /A head is SEQ:DIGEST/);
      // A log that lost what was vouched for is not vouched for anew, and the farm says so.
      const anchor = join(dataDir, 'checkpoint.json');
      const before = await readFile(anchor, 'utf8');
      assert.equal((await http.get('/readyz')).status, 200);
      const ahead = JSON.stringify({ last: 99_999, head: 'a'.repeat(64) });
      await writeFile(anchor, ahead);
      const ready = await http.get('/readyz');
      assert.equal(ready.status, 503, ready.text);
      assert.match(ready.text, /vouches for event 99999, the log for \d+: the log was rolled back or exchanged/);
      const lost =
        /the log is not the one that was vouched for: checkpoint\.json in the data folder vouches for event 99999/;
      assert.match((await say(['status'], { env })).out, lost);
      assert.match((await http.get('/inbox')).text, /the log is not the one that was vouched for/);
      const late = await say(['backup', at('late.tar')], { env });
      assert.equal(late.code, 0, late.out + late.err);
      assert.equal(await readFile(anchor, 'utf8'), ahead);
      assert.match(
        (await say(['audit', 'verify'], { env })).out,
        /up to event 99999 that is kept beside the log is not in it/,
      );
      await writeFile(anchor, JSON.stringify({ ...JSON.parse(before), head: 'b'.repeat(64) }));
      assert.match((await http.get('/readyz')).text, /has other events up to there/);
      await writeFile(anchor, before);
      await farm.stop();
      closed = true;
      const folder = await say(['audit', 'verify', '--data', dataDir, '--key', at('keys.json')]);
      assert.equal(folder.code, 0, folder.out + folder.err);
      // Whoever has the folder can write another log into it; checkpoints of later do not heal what is behind them.
      const written = await rewritten(dataDir, at('rewritten'), seq);
      const gone = await say(['audit', 'verify', '--data', at('rewritten'), '--key', at('keys.json')]);
      assert.equal(gone.code, 1, gone.out + gone.err);
      assert.match(gone.out, new RegExp(`event ${seq} is missing`));
      assert.equal(written, true);
      // A restore brings the log back as it was vouched for, and what follows goes on from its head.
      const restored = at('restored');
      const back = await say(['restore', at('farm.tar'), '--key', join(dataDir, 'secret.key'), '--json'], {
        env: { CRAFTING_DATA_DIR: restored },
      });
      assert.equal(back.code, 0, back.out + back.err);
      const again = await say(['audit', 'verify', '--data', restored, '--key', at('keys.json'), '--json']);
      assert.equal(again.code, 0, again.out + again.err);
      assert.equal(
        JSON.parse(again.out).head,
        JSON.parse((await say([...ofBackup, at('farm.tar'), '--json'])).out).head,
      );
    } finally {
      if (!closed) await farm.stop();
      await farm.close();
    }
    assert.match(await readFile(at('keys.json'), 'utf8'), /Ed25519/);
  });
});
