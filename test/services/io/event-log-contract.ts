import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnopenableEvent } from '../../../events/envelope.ts';
import type { Recorded } from '../../../events/registry.ts';
import { isAppError } from '../../../services/floor/app-error.ts';
import { appendOnce, type EventLog } from '../../../services/io/event-log.ts';
import { sampleData, sampleDraft } from '../../events/stored-payloads.ts';

type WithLog = (work: (log: EventLog) => Promise<void>) => Promise<void>;

const cause = { eventId: 'cause-1', correlationId: 'root-1', consumer: 'tester', ordinal: 0 };
const token = (name: string) => sampleDraft('TokenMinted', name, { name });

/** Follows until `count` events have come; answers them. */
export async function gatherEvents(
  log: EventLog,
  { from, filter, count }: { from: number; filter?: string; count: number },
): Promise<Recorded[]> {
  const got: Recorded[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const follower = await log.follow({
    from,
    ...(filter ? { filter } : {}),
    onEvent: (event) => {
      got.push(event);
      if (got.length === count) resolve();
    },
    onError: reject,
  });
  await promise.finally(() => follower.stop());
  return got;
}

/** What every event log holds to, whatever it keeps its events in. */
export function eventLogContract(name: string, withLog: WithLog): void {
  const holds = (title: string, work: (log: EventLog) => Promise<void>) => it(title, () => withLog(work));

  describe(`the event log ${name}`, () => {
    holds('numbers events from 1 without gaps and gives them back as they were appended', async (log) => {
      assert.equal(await log.end(), 0);
      const first = await log.append(token('ann'), { cause });
      const second = await log.append(token('bob.b'));
      assert.deepEqual([first.seq, second.seq, await log.end()], [1, 2, 2]);
      const event = await log.at(1);
      assert.ok(event);
      const { time, source, actor, ...rest } = event;
      assert.equal(actor, null);
      assert.deepEqual(rest, {
        type: 'TokenMinted',
        entityId: 'ann',
        data: sampleData('TokenMinted', { name: 'ann' }),
        seq: 1,
        eventId: first.eventId,
        causationId: 'cause-1',
        correlationId: 'root-1',
      });
      assert.match(time, /^\d{4}-.*Z$/);
      assert.match(source, /^\//);
      const other = await log.at(2);
      assert.deepEqual([other?.causationId, other?.correlationId], [null, second.eventId]);
      assert.equal(await log.at(3), null);
    });

    holds('answers the first and the last event of an entity by name, and null for none', async (log) => {
      await log.append(token('ann'));
      await log.append(sampleDraft('TokenMinted', 'ann', { name: 'ann', is_admin: true }));
      await log.append(sampleDraft('TokenMinted', 'a.n*>n ü', { name: 'odd' }));
      assert.equal((await log.last('TokenMinted', 'ann'))?.data.is_admin, true);
      assert.equal((await log.first('TokenMinted', 'ann'))?.data.is_admin, false);
      for (const end of ['first', 'last'] as const) {
        assert.equal((await log[end]('TokenMinted', 'a.n*>n ü'))?.seq, 3);
        assert.equal((await log[end]('TokenMinted', 'a.n*>n ü'))?.entityId, 'a.n*>n ü');
        assert.equal(await log[end]('TokenRevoked', 'ann'), null);
        assert.equal(await log[end]('TokenMinted', 'nobody'), null);
      }
    });

    holds('says how far it, or what a filter takes, has come', async (log) => {
      await log.append(token('ann'));
      await log.append(sampleDraft('JobCancelRequested', 'j1'));
      await log.append(token('bob'));
      assert.equal(await log.end('ct.job.>'), 2);
      assert.equal(await log.end('ct.token.*.TokenMinted'), 3);
      assert.equal(await log.end('ct.project.>'), 0);
      assert.equal(await log.end(), 3);
    });

    holds('appends the same effect of the same cause once, also when its expectation no longer holds', async (log) => {
      const first = await log.append(token('ann'), { cause, expect: 0 });
      const again = await log.append(token('ann'), { cause, expect: 0 });
      assert.deepEqual([first.duplicate, again.duplicate], [false, true]);
      assert.deepEqual([again.seq, again.eventId], [first.seq, first.eventId]);
      await log.append(token('ann'), { cause: { ...cause, ordinal: 1 } });
      assert.equal(await log.end(), 2);
    });

    holds('takes a given id instead of a derived one', async (log) => {
      const first = await log.append(token('ann'), { eventId: 'key-1' });
      const again = await log.append(token('bob'), { eventId: 'key-1' });
      assert.deepEqual([first.eventId, again.duplicate, again.seq, await log.end()], ['key-1', true, 1, 1]);
    });

    holds('refuses an event whose subject is not at the expected sequence', async (log) => {
      await log.append(token('ann'), { expect: 0 });
      await log.append(token('bob'), { expect: 0 });
      for (const expect of [0, 2, 7])
        await assert.rejects(log.append(token('ann'), { expect }), (error) => isAppError(error, 'conflict'));
      assert.equal((await log.append(token('ann'), { expect: 1 })).seq, 3);
      await log.append(sampleDraft('TokenRevoked', 'ann', { name: 'ann' }), { expect: 0 });
    });

    holds('appends once what many do, and shows the others what is there', async (log) => {
      const round = Array.from({ length: 20 }, () => appendOnce(log, token('ann'), { expect: 0 }));
      const all = await Promise.all(round);
      assert.equal(all.filter(({ outcome }) => outcome === 'appended').length, 1);
      assert.ok(all.every((one) => one.seq === 1 && (one.outcome === 'appended' || one.event.entityId === 'ann')));
      const next = await appendOnce(log, token('ann'), { expect: 1 });
      assert.deepEqual([next.outcome, next.seq, await log.end()], ['appended', 2, 2]);
      const late = await appendOnce(log, token('ann'), { expect: 1 });
      assert.deepEqual([late.outcome, late.seq, await log.end()], ['there', 2, 2]);
    });

    holds('calls a repetition of the same effect appended, whatever came after it', async (log) => {
      await appendOnce(log, token('ann'), { expect: 0, cause });
      await appendOnce(log, token('ann'), { expect: 1 });
      const again = await appendOnce(log, token('ann'), { expect: 0, cause });
      assert.deepEqual([again.outcome, again.seq, await log.end()], ['appended', 1, 2]);
    });

    holds(
      'throws what is no race: an expectation that the log has not reached, and an event that does not fit',
      async (log) => {
        await assert.rejects(appendOnce(log, token('ann'), { expect: 7 }), (error) => isAppError(error, 'conflict'));
        await assert.rejects(appendOnce(log, token('UPPER CASE'), { expect: 0 }), UnopenableEvent);
        assert.equal(await log.end(), 0);
      },
    );

    holds('lets one of fifty racing writers win', async (log) => {
      for (const round of ['one', 'two', 'three']) {
        const racers = Array.from({ length: 50 }, () => log.append(token(round), { expect: 0 }));
        const settled = await Promise.allSettled(racers);
        const lost = settled.filter((one) => one.status === 'rejected');
        assert.equal(lost.length, 49);
        assert.ok(lost.every(({ reason }) => isAppError(reason, 'conflict')));
      }
      assert.equal(await log.end(), 3);
    });

    holds('refuses what is too large for a message and what does not fit its schema', async (log) => {
      const large = Array.from({ length: 500 }, () => ({
        ...sampleData('FindingsObserved').occurrences[0],
        message: 'x'.repeat(3_000),
      }));
      const occurrences = large as ReturnType<typeof sampleData<'FindingsObserved'>>['occurrences'];
      await assert.rejects(log.append(sampleDraft('FindingsObserved', 'j1', { occurrences })), (error) =>
        isAppError(error, 'too_large'),
      );
      await assert.rejects(log.append(token('UPPER CASE')), UnopenableEvent);
      assert.equal(await log.end(), 0);
    });

    holds('takes an event of nearly a million bytes', async (log) => {
      const one = { ...sampleData('FindingsObserved').occurrences[0], message: 'é'.repeat(550) };
      const occurrences = Array.from({ length: 500 }, () => one);
      const draft = sampleDraft('FindingsObserved', 'j1', { occurrences: occurrences as never });
      assert.ok(Buffer.byteLength(JSON.stringify(draft.data)) > 800_000);
      await log.append(draft);
      assert.deepEqual((await log.at(1))?.data, draft.data);
    });

    holds('hands events over in order from the sequence wanted, old ones and new ones', async (log) => {
      for (const name of ['a', 'b', 'c']) await log.append(token(name));
      const gathering = gatherEvents(log, { from: 2, count: 22 });
      for (let n = 0; n < 20; n += 1) await log.append(token(`n${n}`));
      const seqs = (await gathering).map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        Array.from({ length: 22 }, (_, at) => at + 2),
      );
    });

    holds('hands over only what a filter takes', async (log) => {
      for (let n = 0; n < 10; n += 1) {
        await log.append(token(`n${n}`));
        await log.append(sampleDraft('JobCancelRequested', `j${n}`));
      }
      const jobs = await gatherEvents(log, { from: 3, filter: 'ct.job.>', count: 9 });
      assert.deepEqual(
        jobs.map(({ entityId }) => entityId),
        Array.from({ length: 9 }, (_, at) => `j${at + 1}`),
      );
      const one = await gatherEvents(log, { from: 1, filter: 'ct.token.n7.*', count: 1 });
      assert.equal(one[0]?.seq, 15);
    });

    holds('says when all that had arrived is handed over, and how far that is', async (log) => {
      for (const name of ['a', 'b', 'c']) await log.append(token(name));
      let count = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const follower = await log.follow({
        from: 1,
        onEvent: () => {
          count += 1;
        },
        onDrained: () => (count === 3 ? resolve() : undefined),
        onError: assert.ifError,
      });
      await promise;
      assert.equal(follower.lastSeq(), 3);
      await follower.stop();
    });

    holds('hands over nothing more after a stop', async (log) => {
      await log.append(token('a'));
      let seen = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const follower = await log.follow({
        from: 1,
        onEvent: () => {
          seen += 1;
          resolve();
        },
        onError: assert.ifError,
      });
      await promise;
      await follower.stop();
      await log.append(token('b'));
      // Another follower has been handed what was appended after the stop: the stopped one would have had it too.
      await gatherEvents(log, { from: 1, count: 2 });
      assert.equal(seen, 1);
    });

    holds('ends following with the error that a handler threw, and calls it no more', async (log) => {
      await log.append(token('a'));
      await log.append(token('b'));
      const { promise, resolve } = Promise.withResolvers<unknown>();
      let calls = 0;
      const follower = await log.follow({
        from: 1,
        onEvent: () => {
          calls += 1;
          throw new Error('cannot take it');
        },
        onError: resolve,
      });
      assert.match(String(await promise), /cannot take it/);
      await gatherEvents(log, { from: 1, count: 2 });
      assert.equal(calls, 1);
      await follower.stop();
    });

    holds('has everything on disk after a flush', async (log) => {
      await log.append(token('a'), { durable: false });
      await log.flush();
      assert.equal(await log.end(), 1);
    });
  });
}
