import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../events/registry.ts';
import type { Caller } from '../../../services/api/authenticate.ts';
import { openTail, type TailGroup } from '../../../services/api/live/live-tail.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { silent } from '../../../services/io/log.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { until } from '../../support/until.ts';

type Deps = Parameters<typeof openTail>[0];

/** A log in memory, read models that hold all of it, and what was asked of both. */
function openScene() {
  const memory = memoryEventLog();
  const counts = { followed: 0, opened: 0, written: 0, looked: 0 };
  const commits = new Set<() => void>();
  const tokens = new Map([['ann', 'a']]);
  const log: EventLog = {
    ...memory,
    follow: async (options) => {
      counts.followed += 1;
      return memory.follow({
        ...options,
        onEvent: (event) => {
          counts.opened += 1;
          options.onEvent(event);
        },
      });
    },
  };
  const models = {
    seq: () => memory.all().length,
    onCommit: (listener: () => void) => {
      commits.add(listener);
      return () => commits.delete(listener);
    },
    query: () => ({
      tokens: {
        find: (name: string) => {
          counts.looked += 1;
          const sha256 = tokens.get(name);
          return (
            sha256 && {
              sha256,
              is_admin: true,
              team: 'ann',
              projects: null,
              expires_at: null,
              role: 'owner',
              scopes: ['read'],
            }
          );
        },
      },
    }),
  };
  const tail = openTail({ log, models, logger: silent, clock: systemClock } as unknown as Deps);
  const group = (key: string, wanted: (event: Recorded) => boolean = () => true): TailGroup => ({
    key,
    wanted,
    write: ({ line }) => {
      counts.written += 1;
      return `${line}\n`;
    },
  });
  const happen = async (name: string) => {
    await memory.append({ type: 'TeamCreated', id: name, data: { team: name, title: name, by: 'ann' } });
    for (const tell of commits) tell();
  };
  return { tail, group, happen, counts, tokens, all: memory.all };
}

const caller = { name: 'ann', sha256: 'a', owner: null, projects: null } as unknown as Caller;

test('all that have caught up read one follower of the log, and those who see the same get the same bytes', async () => {
  const { tail, group, happen, counts } = openScene();
  await happen('before');
  let woken = 0;
  const leave = Array.from({ length: 50 }, () => tail.join(() => (woken += 1)));
  await until(() => tail.covers(2));
  // What was before is for a follower of one's own.
  assert.equal(tail.covers(1), false);
  await happen('first');
  await happen('second');
  await until(() => tail.read(2, group('x')).next === 4);
  const batches = Array.from({ length: 50 }, () => tail.read(2, group('x')));
  assert.ok(batches.every(({ bytes }) => bytes === batches[0]?.bytes));
  assert.match(String(batches[0]?.bytes), /"subject":"first".*\n.*"subject":"second".*\n$/);
  assert.deepEqual([counts.followed, counts.opened, counts.written], [1, 2, 2]);
  const other = tail.read(
    2,
    group('y', ({ entityId }) => entityId === 'second'),
  );
  assert.deepEqual([String(other.bytes).split('\n').length, other.told, other.next], [2, 3, 4]);
  const none = tail.read(
    2,
    group('z', () => false),
  );
  assert.deepEqual(none, { bytes: null, told: 0, next: 4 });
  assert.ok(woken > 0);
  for (const one of leave) one();
  assert.equal(tail.covers(4), false);
});

test('a reader that fell too far behind is told that it is not covered any more', async () => {
  const { tail, happen } = openScene();
  const leave = tail.join(() => {});
  await until(() => tail.covers(1));
  for (let n = 0; n < 2_100; n += 1) await happen(`team-${n}`);
  await until(() => !tail.covers(1));
  assert.ok(tail.covers(2_000));
  leave();
});

test('a bearer is looked at once for all of its readers, and again at once when one was changed', async () => {
  const { tail, group, happen, counts, tokens } = openScene();
  const leave = tail.join(() => {});
  await until(() => tail.covers(1));
  assert.ok(Array.from({ length: 20 }, () => tail.isKnown(caller)).every(Boolean));
  assert.ok(counts.looked <= 3, `${counts.looked} looks`);
  tokens.clear();
  await happen('somebody-was-changed');
  await until(() => tail.read(1, group('x')).next === 2);
  assert.equal(tail.isKnown(caller), false);
  leave();
});
