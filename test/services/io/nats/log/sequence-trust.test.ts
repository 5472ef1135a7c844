import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openEventLog } from '../../../../../services/io/nats/log/jetstream-event-log.ts';
import { sampleDraft } from '../../../../events/stored-payloads.ts';
import { withNats } from '../../../../support/farm-parts.ts';

describe('the sequence of an append', () => {
  it('is read back when it cannot be true, and not otherwise', () =>
    withNats(async ({ nats }) => {
      let lie = 0;
      let readBack = 0;
      const { direct } = nats.jsm;
      const jsm = Object.assign(Object.create(nats.jsm), {
        direct: {
          getMessage: (...args: Parameters<typeof direct.getMessage>) => {
            readBack += 1;
            return direct.getMessage(...args);
          },
        },
      });
      // Answers of the server, with a sequence that another event has.
      const connection = Object.assign(Object.create(nats.connection), {
        subscribe: (subject: string, { callback }: { callback: (error: null, message: unknown) => void }) =>
          nats.connection.subscribe(subject, {
            callback: (_error, message) => {
              const word = message.json<{ seq: number }>();
              callback(null, {
                ...message,
                subject: message.subject,
                data: message.data,
                json: () => ({ ...word, seq: lie || word.seq }),
              });
            },
          }),
      });
      const log = openEventLog({ nats: { ...nats, jsm, connection }, source: '/test', sync: null });
      const append = (name: string) => log.append(sampleDraft('TokenRevoked', name, { name }));
      assert.deepEqual([(await append('a')).seq, (await append('b')).seq, readBack], [1, 2, 0]);
      lie = 1;
      assert.equal((await append('c')).seq, 3);
      assert.ok(readBack > 0);
    }));

  it('is right for appends on both sides of a reconnect, each stored once', () =>
    withNats(async ({ nats, log }) => {
      const append = (name: string) => log.append(sampleDraft('TokenRevoked', name, { name }));
      const before = Array.from({ length: 20 }, (_, at) => append(`a${at}`));
      await nats.connection.reconnect();
      const after = Array.from({ length: 20 }, (_, at) => append(`b${at}`));
      const stored = await Promise.all([...before, ...after]);
      for (const { seq, eventId } of stored) assert.equal((await log.at(seq))?.eventId, eventId);
      assert.equal(await log.end(), 40);
    }));
});
