import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recorded } from '../../../../events/registry.ts';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { openEventLog } from '../../../../services/io/nats/log/jetstream-event-log.ts';
import { isLogTrouble } from '../../../../services/io/nats/log-trouble.ts';
import { sampleDraft } from '../../../events/stored-payloads.ts';
import { type Parts, withNats } from '../../../support/farm-parts.ts';
import { until } from '../../../support/until.ts';

const token = (name: string) => sampleDraft('TokenMinted', name, { name });

/** Ends the server with -9, and waits until another one has taken its place. */
async function killServer({ server }: Parts): Promise<void> {
  const pid = server.pid();
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  await until(() => server.pid() !== undefined && server.pid() !== pid, 'another server');
}

describe('the log over kill -9 of its server', () => {
  it('loses nothing that was acknowledged, and no follower sees a gap or an event twice', () =>
    withNats(async (parts) => {
      const { log } = parts;
      const seen: Recorded[] = [];
      let failure: unknown;
      const follower = await log.follow({
        from: 1,
        onEvent: (event) => void seen.push(event),
        onError: (error) => {
          failure = error;
        },
      });
      const acknowledged = new Map<number, string>();
      let writing = true;
      const writer = async (who: string) => {
        for (let n = 0; writing; n += 1) {
          const { seq, eventId } = await log.append(token(`${who}-${n}`), { expect: 0 });
          assert.ok(!acknowledged.has(seq), `sequence ${seq} was given twice`);
          acknowledged.set(seq, eventId);
        }
      };
      const writers = ['a', 'b', 'c', 'd'].map(writer);
      for (let round = 1; round <= 2; round += 1) {
        const before = acknowledged.size;
        await until(() => acknowledged.size > before + 50, 'appends');
        await killServer(parts);
      }
      writing = false;
      await Promise.all(writers);
      const end = await log.end();
      await until(() => seen.length >= end || failure !== undefined, 'the follower at the end');
      assert.equal(failure, undefined);
      assert.deepEqual(
        seen.map(({ seq }) => seq),
        Array.from({ length: end }, (_, at) => at + 1),
      );
      for (const [seq, eventId] of acknowledged) assert.equal(seen[seq - 1]?.eventId, eventId);
      assert.equal(end, acknowledged.size, 'an append that was tried again is there once');
      await follower.stop();
    }));

  it('goes on following with a filter', () =>
    withNats(async (parts) => {
      const { log } = parts;
      const seen: string[] = [];
      const follower = await log.follow({
        from: 1,
        filter: 'ct.job.>',
        onEvent: ({ entityId }) => void seen.push(entityId),
        onError: assert.ifError,
      });
      await log.append(sampleDraft('JobCancelRequested', 'j1'));
      await killServer(parts);
      await log.append(token('ann'));
      await log.append(sampleDraft('JobCancelRequested', 'j2'));
      await until(() => seen.length >= 2, 'both jobs');
      assert.deepEqual(seen, ['j1', 'j2']);
      await follower.stop();
    }));

  it('says that it takes no events when the server stays away', () =>
    withNats(async ({ server, nats }) => {
      await server.stop();
      const log = openEventLog({ nats, source: '/test', sync: null, patienceMs: 300 });
      await assert.rejects(log.append(token('ann')), (error) => isAppError(error, 'unavailable'));
    }));

  it('follows again when its consumer was removed on the server', () =>
    withNats(async ({ log, nats }) => {
      const seen: number[] = [];
      const follower = await log.follow({
        from: 1,
        onEvent: ({ seq }) => void seen.push(seq),
        onError: assert.ifError,
      });
      await log.append(token('ann'));
      await until(() => seen.length === 1, 'the first event');
      for await (const { name } of nats.jsm.consumers.list('CT_EVENTS'))
        await nats.jsm.consumers.delete('CT_EVENTS', name);
      await log.append(token('bob'));
      await until(() => seen.length === 2, 'the event after the removal');
      assert.deepEqual(seen, [1, 2]);
      await follower.stop();
    }));
});

it('what a server that is away says is told from what it refuses', () =>
  withNats(async ({ nats }) => {
    const thrown = async (asking: Promise<unknown>) => asking.then(() => assert.fail('it answers'), isLogTrouble);
    const { connection, jsm } = nats;
    connection.subscribe('mute');
    assert.equal(await thrown(connection.request('mute', '', { timeout: 20 })), true);
    assert.equal(await thrown(connection.request('nobody', '', { timeout: 1_000 })), true);
    assert.equal(await thrown(jsm.streams.info('NONE')), false);
    await connection.close();
    assert.equal(await thrown(jsm.streams.info('NONE')), true);
  }));
