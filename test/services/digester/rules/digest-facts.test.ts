import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../../events/registry.ts';
import { type DigestSpan, factsOf, type ProjectFacts } from '../../../../services/digester/rules/digest-facts.ts';
import { sectionOf } from '../../../../services/digester/rules/digest-section.ts';
import { sampleDraft } from '../../../events/stored-payloads.ts';
import { after } from '../../../projections/given-when.ts';
import { jobEvents } from '../digest-scene.ts';

const project = 'alpha';
const day = { from_time: '2026-04-28T06:00:00.000Z', to_time: '2026-04-29T06:00:00.000Z' };

function registered(schedule = {}): Draft {
  const { data, ...rest } = sampleDraft('ProjectRegistered', project, { name: project, schedule });
  return { ...rest, data: { ...data, notify: { ...data.notify, on: ['nightly_summary'] } } } as Draft;
}

/** A log whose JobEnqueued are named by the findings after them. */
function history(...groups: Draft[][]): Draft[] {
  const all: Draft[] = [];
  for (const group of groups) {
    const run_seq = all.length + 1;
    all.push(
      ...group.map((one) => ('run_seq' in one.data ? ({ ...one, data: { ...one.data, run_seq } } as Draft) : one)),
    );
  }
  return all;
}

const withFinding = () => jobEvents(project, { exit: 1, cves: [{ severity: 'high', code: 'GHSA-1' }] });
const identityIn = (group: Draft[]) => group.find(({ type }) => type === 'FindingDetected')?.id ?? '';

/** A job that saw a known finding go or come back. */
function turning(type: 'FindingResolved' | 'FindingReopened', identity: string): Draft[] {
  const [enqueued, exited, parsed] = jobEvents(project);
  assert.ok(enqueued && exited && parsed);
  return [enqueued, exited, sampleDraft(type, identity, { identity, project }), parsed];
}

async function factsAfter(log: Draft[], span: Partial<DigestSpan>, check: (facts: ProjectFacts) => void) {
  await after(log, ({ digests }) =>
    check(factsOf({ project, from_seq: 0, to_seq: log.length, ...day, ...span }, digests, 'UTC')),
  );
}

const sums = ({ changed: { tallies, opened, closed } }: ProjectFacts) => ({
  tallies: tallies.map(({ opens, count }) => [opens, count]),
  opened: opened.length,
  closed: closed.length,
});

test('what went with its recipe is told as no longer looked at, and not as fixed', async () => {
  const found = withFinding();
  const identity = identityIn(found);
  const whole = history([registered()], found, [sampleDraft('FindingUnwatched', identity, { identity, project })]);
  await factsAfter(whole, { from_seq: 1 + found.length }, (one) => {
    assert.deepEqual(sums(one), { tallies: [], opened: 0, closed: 0 });
    const [block, ...more] = sectionOf(one).blocks;
    assert.deepEqual([block?.title, more.length], ['No longer looked at', 0]);
    assert.match(block?.lines[0]?.text ?? '', /^1 finding: the recipe was taken out$/);
  });
});

test('a finding that came is new, one that went is fixed, one that came and went is neither', async () => {
  const found = withFinding();
  const gone = turning('FindingResolved', identityIn(found));
  const whole = history([registered()], found, gone);
  const split = 1 + found.length;
  await factsAfter(whole, { to_seq: split }, (one) =>
    assert.deepEqual(sums(one), { tallies: [[1, 1]], opened: 1, closed: 0 }),
  );
  await factsAfter(whole, { from_seq: split }, (one) =>
    assert.deepEqual(sums(one), { tallies: [[0, 1]], opened: 0, closed: 1 }),
  );
  await factsAfter(whole, {}, (one) => assert.deepEqual(sums(one), { tallies: [], opened: 0, closed: 0 }));
});

test('a finding that went and came back within a day was always there', async () => {
  const found = withFinding();
  const id = identityIn(found);
  const whole = history([registered()], found, turning('FindingResolved', id), turning('FindingReopened', id));
  await factsAfter(whole, { from_seq: 1 + found.length }, (one) =>
    assert.deepEqual(sums(one), { tallies: [], opened: 0, closed: 0 }),
  );
  await factsAfter(whole, {}, (one) => assert.deepEqual(sums(one), { tallies: [[1, 1]], opened: 1, closed: 0 }));
});

test('what was suppressed within the window is not new, what is suppressed later does not change it', async () => {
  const found = withFinding();
  const identity = identityIn(found);
  const whole = history([registered()], found, [sampleDraft('FindingSuppressed', identity, { identity, project })]);
  await factsAfter(whole, {}, (one) => assert.equal(one.changed.opened.length, 0));
  await factsAfter(whole, { to_seq: whole.length - 1 }, (one) => assert.equal(one.changed.opened.length, 1));
});

test('findings belong to the window in which their job had been read', async () => {
  const found = withFinding();
  const whole = history([registered()], found);
  const before = { to_seq: whole.length - 1 };
  await factsAfter(whole, before, (one) => assert.deepEqual([one.jobs.length, one.changed.opened.length], [0, 0]));
  await factsAfter(whole, { from_seq: whole.length - 1 }, (one) =>
    assert.deepEqual([one.jobs.length, one.changed.opened.length], [1, 1]),
  );
});

test('jobs of the patch loop are no jobs of the project', async () => {
  const group = jobEvents(project).map((one) =>
    one.type === 'JobEnqueued' ? ({ ...one, data: { ...one.data, purpose: 'verify' } } as Draft) : one,
  );
  await factsAfter(history([registered()], group), {}, (one) => assert.equal(one.jobs.length, 0));
});

test('a removed project has nothing to say', async () => {
  const whole = history([registered()], withFinding(), [
    sampleDraft('ProjectRemoved', project, { name: project, owner: null }),
  ]);
  await factsAfter(whole, { to_seq: whole.length - 1 }, (one) =>
    assert.deepEqual([one.removed, one.jobs, one.changed.opened], [true, [], []]),
  );
});

test('times of a schedule that passed without a run are counted', async () => {
  const schedule = { audit: '03:00', test: '*/30 * * * *', jitter_secs: 0 };
  const used = sampleDraft('ScheduleFired', 's', {
    project,
    recipe: 'test',
    slot: '2999-01-02T03:30:00.000Z',
    missed: 0,
  });
  const far = { from_time: '2999-01-02T00:00:00.000Z', to_time: '2999-01-02T04:05:00.000Z' };
  await factsAfter([registered(schedule), used], far, ({ unused }) =>
    assert.deepEqual(unused, [
      { recipe: 'test', count: 7, last: '2999-01-02T03:00:00.000Z' },
      { recipe: 'audit', count: 1, last: '2999-01-02T03:00:00.000Z' },
    ]),
  );
});
