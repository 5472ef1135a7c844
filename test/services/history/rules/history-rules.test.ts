import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EventName, events, type Recorded } from '../../../../events/registry.ts';
import { causalChain } from '../../../../services/history/rules/causal-chain.ts';
import { compareDocs } from '../../../../services/history/rules/entity-change.ts';
import { sentenceOf } from '../../../../services/history/rules/event-words.ts';
import { replayLine, replayRate } from '../../../../services/history/rules/replay-rate.ts';
import { eventNames, sampleData } from '../../../events/stored-payloads.ts';

function event<N extends EventName>(type: N, entityId: string, seq: number, more: Partial<Recorded<N>> = {}): Recorded {
  const envelope = { eventId: `e${seq}`, time: '2026-01-01T00:00:00.000Z', source: '/t', causationId: null };
  return { type, entityId, seq, data: sampleData(type), correlationId: 'c', ...envelope, ...more } as Recorded;
}

describe('a causal chain', () => {
  const job = '0'.repeat(26);
  it('is in the order of the log, each event with the cause that its envelope names', () => {
    const chain = causalChain(
      [
        event('RecipeExited', job, 9, { causationId: 'e4' }),
        event('JobEnqueued', job, 4, { causationId: 'e2' }),
        event('ScheduleFired', 's', 2),
      ],
      () => undefined,
    );
    assert.deepEqual(
      chain.map(({ seq, cause_seq, depth }) => [seq, cause_seq, depth]),
      [
        [2, null, 0],
        [4, 2, 1],
        [9, 4, 2],
      ],
    );
  });

  it('goes by what the data names, else by the entity, where the cause is not in it; and never forward', () => {
    const finding = 'a'.repeat(32);
    const request = sampleData('PatchRequested', { finding_id: 3 });
    const chain = causalChain(
      [
        event('FindingDetected', finding, 3, { causationId: 'gone' }),
        event('FindingSuppressed', finding, 5, { causationId: 'e7' }),
        event('PatchRequested', '3-1', 7, { data: request }),
      ],
      () => 3,
    );
    assert.deepEqual(
      chain.map(({ cause_seq, id, finding_id }) => [cause_seq, id, finding_id]),
      [
        [null, '3', 3],
        [3, '3', 3],
        [3, '3-1', 3],
      ],
    );
  });
});

describe('the sentence of an event', () => {
  const entities = ['project', 'job', 'finding', 'patch', 'schedule', 'forge'];
  for (const name of eventNames.filter((one) => entities.includes(events[one].entity)))
    it(`is short and about what happened: ${name}`, () => {
      const text = sentenceOf(event(name, 'x', 1));
      assert.match(text, /^\S.{10,1000}$/su);
      assert.doesNotMatch(text, /undefined|null|\[object/);
      assert.doesNotMatch(text, /was recorded/);
    });
});

describe('two states of one thing', () => {
  const finding = { id: 1, state: 'open', line: 3, last_seen_seq: 4, tool: 'eslint', kind: 'lint' };
  it('differ in the fields that count, and show only those', () => {
    const now = { ...finding, state: 'resolved', last_seen_seq: 9 };
    assert.deepEqual(compareDocs('finding', finding, now), {
      change: 'changed',
      before: { state: 'open' },
      after: { state: 'resolved' },
    });
    assert.equal(compareDocs('finding', finding, { ...finding, last_seen_seq: 9 }), null);
    assert.equal(compareDocs('finding', null, null), null);
  });

  it('are added or removed with what tells them from others', () => {
    const added = compareDocs('finding', null, finding);
    assert.deepEqual([added?.change, added?.before, added?.after?.['tool']], ['added', null, 'eslint']);
    assert.equal(compareDocs('finding', finding, null)?.change, 'removed');
  });

  it('of a project name a subproject by its path, and show nothing of what lies in the vault', () => {
    const subproject = (lint: string) => ({
      subprojects: [
        { path: '.', lint },
        { path: 'b', lint: 'x' },
      ],
    });
    const refs = (ref: string) => ({
      credential_ref: ref,
      notify: { email_ref: ref, webhooks: [{ id: 'w', target_ref: ref }] },
    });
    assert.deepEqual(
      compareDocs('project', { ...subproject('a'), ...refs('1') }, { ...subproject('b'), ...refs('2') }),
      {
        change: 'changed',
        before: { 'subprojects[.].lint': 'a' },
        after: { 'subprojects[.].lint': 'b' },
      },
    );
  });

  it('are cut where a value is long', () => {
    const { after } = compareDocs('finding', { message: 'a' }, { message: 'b'.repeat(9_000) }) ?? {};
    assert.ok(String(after?.['message']).length < 600);
  });
});

describe('the rate of a replay', () => {
  it('counts both replays, and says how long the rest takes', () => {
    const place = { seq: 500, target: 1_000, pass: 2, passes: 2 };
    assert.deepEqual(replayRate(place, 1_500), { done: 0.75, perSec: 1_000, etaSecs: 1 });
    assert.match(
      replayLine(place, 1_500),
      /^\[#{18}\.{6}\] {2}75 % {2}500 of 1000 events, replay 2 of 2, 1000\/s, 1 s left$/,
    );
    assert.equal(replayRate({ seq: 0, target: 0, pass: 1, passes: 1 }, 0).etaSecs, null);
  });
});
