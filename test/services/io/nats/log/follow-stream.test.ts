import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Nats } from '../../../../../services/io/nats/connection.ts';
import { followStream } from '../../../../../services/io/nats/log/follow-stream.ts';
import { withNats } from '../../../../support/farm-parts.ts';
import { until } from '../../../../support/until.ts';

/** Follows a stream of three messages of which the second is lost, as after a disk that failed; the log's own forbids that. */
async function followed(nats: Nats, filter?: string): Promise<{ seen: number[]; failed: unknown }> {
  await nats.jsm.streams.add({ name: 'GAPS', subjects: ['gap.>'] });
  for (const name of ['a', 'b', 'c']) await nats.js.publish(`gap.${name}`, name);
  await nats.jsm.streams.deleteMessage('GAPS', 2);
  const seen: number[] = [];
  let failed: unknown;
  const follower = await followStream(nats, {
    stream: 'GAPS',
    from: 1,
    filter,
    onMessage: (_message, seq) => void seen.push(seq),
    onError: (error) => {
      failed = error;
    },
  });
  await until(() => failed !== undefined || seen.includes(3));
  await follower.stop();
  return { seen, failed };
}

test('a gap in a stream is an error that says where, and nothing behind it is handed over', () =>
  withNats(async ({ nats }) => {
    const { seen, failed } = await followed(nats);
    assert.deepEqual(seen, [1]);
    assert.match(String(failed), /GAPS has a gap: 3 follows 1/);
  }));

test('who follows a part of a stream is not concerned by what lies between', () =>
  withNats(async ({ nats }) => {
    assert.deepEqual(await followed(nats, 'gap.*'), { seen: [1, 3], failed: undefined });
  }));

test('who cannot follow at first leaves nothing behind that follows later', async () => {
  let questions = 0;
  const away = async () => {
    questions += 1;
    throw new Error('timeout');
  };
  const nats = { js: { consumers: { get: away } }, jsm: { streams: { info: away } } } as unknown as Nats;
  const told: unknown[] = [];
  const following = {
    stream: 'AWAY',
    from: 1,
    patienceMs: 2,
    onMessage: () => {},
    onError: (e: unknown) => told.push(e),
  };
  await assert.rejects(followStream(nats, following), /timeout/);
  const asked = questions;
  // Ten times as long as a follower that lives takes to ask where the stream ends.
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 2);
  await until(() => turns >= 10);
  clearInterval(turn);
  assert.deepEqual([questions, told], [asked, []]);
});
