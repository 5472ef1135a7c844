import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { chainCheck } from '../../../../services/checkpoints/rules/check-chain.ts';
import {
  emptyHead,
  headAfter,
  keptOf,
  Leaves,
  type LoggedMessage,
  leafOf,
  signedBytes,
} from '../../../../services/checkpoints/rules/log-chain.ts';
import { signed } from '../../../../services/statements/farm-signature.ts';
import { keyIdOf } from '../../../../services/statements/rules/dsse-envelope.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const keyId = keyIdOf(publicKey);
const keys = new Map<string, KeyObject>([[keyId, publicKey]]);

const event = (seq: number, text: string): LoggedMessage => ({
  seq,
  subject: `ct.job.${text}.JobEnqueued`,
  headers: { 'ce-id': text, 'ce-time': '2026-01-01T00:00:00.000Z', 'Nats-Msg-Id': `${seq}` },
  data: Buffer.from(JSON.stringify({ text })),
});

/** Vouches for all of a log behind the last checkpoint, at its end. */
function vouched(log: readonly LoggedMessage[], first = 1, previous = emptyHead, key = privateKey) {
  const leaves = new Leaves();
  for (const one of log.slice(first - 1)) leaves.add(leafOf(one));
  const all = leaves.first(leaves.length);
  const last = log.length;
  const head = headAfter(previous, all);
  const about = { occasion: 'hourly' as const, first, last, previous, head, leaves: keptOf(all).toString('base64') };
  const signature = signed(signedBytes(about), { keyId, privateKey: key });
  const data = Buffer.from(JSON.stringify({ ...about, key_id: keyId, signature }));
  return {
    log: [...log, { ...event(last + 1, 'x'), subject: 'ct.log.farm.LogCheckpointed', data }],
    head,
    next: last + 1,
  };
}

const words = Array.from({ length: 9 }, (_, n) => event(n + 1, `w${n}`));
const one = vouched(words.slice(0, 5));
const more = [...one.log, event(7, 'later'), event(8, 'last')];
const two = vouched(more, one.next, one.head);
const renumbered = (log: readonly LoggedMessage[]) => log.map((message, n) => ({ ...message, seq: n + 1 }));

function look(log: readonly LoggedMessage[], anchor: { last: number; head: string } | null = null) {
  const check = chainCheck(keys, anchor === null ? [] : [{ ...anchor, where: 'elsewhere' }]);
  for (const message of log) if (!check.take(message)) break;
  return check.end();
}
const found = (log: readonly LoggedMessage[]) => {
  const { ok, fault } = look(log);
  return [ok, fault?.kind, fault?.seq];
};

describe('a log and its checkpoints', () => {
  it('belong together as they were written', () => {
    const report = look(two.log);
    assert.deepEqual([report.ok, report.fault], [true, null]);
    assert.deepEqual([report.events, report.checkpoints, report.covered, report.head], [9, 2, 8, two.head]);
  });

  it('show the first event whose data, subject, time or id is another one', () => {
    const changes: ((message: LoggedMessage) => Partial<LoggedMessage>)[] = [
      () => ({ data: Buffer.from('{"text":"w9"}') }),
      () => ({ subject: 'ct.job.w99.JobEnqueued' }),
      ({ headers }) => ({ headers: { ...headers, 'ce-time': '2026-01-01T00:00:00.001Z' } }),
      ({ headers }) => ({ headers: { ...headers, 'ce-id': 'other' } }),
      ({ headers }) => ({ headers: { ...headers, 'ce-actor': 'somebody' } }),
    ];
    for (const change of changes)
      for (const seq of [1, 3, 5, 7]) {
        const log = two.log.map((message) => (message.seq === seq ? { ...message, ...change(message) } : message));
        assert.deepEqual(found(log), [false, 'changed', seq]);
      }
  });

  it('do not mind what the server adds by itself', () => {
    const log = two.log.map((message) => ({ ...message, headers: { ...message.headers, 'Nats-Msg-Id': 'again' } }));
    assert.equal(look(log).ok, true);
  });

  it('show the first event that is missing, with its gap or with a log that was numbered anew', () => {
    for (const seq of [1, 2, 5, 7, 8]) {
      const log = two.log.filter((message) => message.seq !== seq);
      assert.deepEqual(found(log), [false, 'missing', seq]);
      assert.deepEqual(found(renumbered(log)), [false, 'missing', seq]);
    }
  });

  it('show the first event that was added', () => {
    for (const at of [0, 2, 6]) {
      const log = renumbered([...two.log.slice(0, at), event(0, 'forged'), ...two.log.slice(at)]);
      assert.deepEqual(found(log), [false, 'added', at + 1]);
    }
  });

  it('show a checkpoint that was changed, taken away, or signed with another key', () => {
    const altered = two.log.map((message) =>
      message.seq === 6
        ? { ...message, data: Buffer.from(Buffer.from(message.data).toString().replace('"last":5', '"last":4')) }
        : message,
    );
    assert.deepEqual(found(altered), [false, 'checkpoint', 6]);
    const without = renumbered(two.log.filter(({ seq }) => seq !== 6));
    assert.deepEqual(found(without), [false, 'checkpoint', 8]);
    const foreign = vouched(words.slice(0, 5), 1, emptyHead, generateKeyPairSync('ed25519').privateKey);
    assert.deepEqual(found(foreign.log), [false, 'checkpoint', 6]);
  });

  it('show that the end was cut off, by the checkpoint that is kept beside the log', () => {
    const anchor = { last: 8, head: two.head };
    assert.equal(look(two.log, anchor).ok, true);
    const cut = look(two.log.slice(0, 7), anchor);
    assert.deepEqual([cut.ok, cut.fault?.kind], [false, 'missing']);
  });
});
