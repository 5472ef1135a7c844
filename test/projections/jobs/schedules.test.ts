import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { Draft } from '../../../events/registry.ts';
import { scheduleQueries, schedules } from '../../../projections/jobs/schedules.ts';
import { projects } from '../../../projections/projects/projects.ts';
import { projections } from '../../../projections/registry.ts';
import { openReadStore } from '../../../services/io/read-store.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { after } from '../given-when.ts';

const document: ProjectDocument = {
  name: 'p',
  owner: 'ann',
  git_url: '/srv/p',
  credential_ref: null,
  default_branch: 'main',
  languages: [],
  subprojects: [],
  schedule: { audit: '02:00', test: '0 4 * * *' },
  notify: { email_ref: null, email_count: 0, on: [], auto_patch: false },
  concurrency: {},
  supersede: false,
  retry_lost: false,
  enabled: true,
};
const registered: Draft = { type: 'ProjectRegistered', id: 'p', data: document };
const updated = (schedule: ProjectDocument['schedule'], more: Partial<ProjectDocument> = {}): Draft => ({
  type: 'ProjectUpdated',
  id: 'p',
  data: { ...document, schedule, ...more },
});
const removed: Draft = { type: 'ProjectRemoved', id: 'p', data: { name: 'p', owner: null } };
const day = (number: number) => new Date(Date.UTC(2030, 0, number, 2)).toISOString();
const fired = (slot: string, why: 'time' | 'asked' = 'time'): Draft => ({
  type: 'ScheduleFired',
  id: `p.audit.${slot}`,
  data: { project: 'p', recipe: 'audit', slot, why, missed: 2, by: 'crafting-table', jobs: [] },
});
const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
const seen = (sha: string, times = 1): Draft => ({
  type: 'BranchHeadSeen',
  id: `p:main.${sha}.${times}`,
  data: { project: 'p', branch: 'main', sha, by: 'poll', jobs: [] },
});

test('a project has a schedule for each recipe with a time', () =>
  after([registered], ({ schedules }) => {
    const found = schedules.page({ owner: 'ann', project: null, after: '', limit: 10 });
    assert.deepEqual(
      found.map(({ recipe, when, enabled, jitter_secs, catch_up }) => [recipe, when, enabled, jitter_secs, catch_up]),
      [
        ['audit', '02:00', true, 60, 'last'],
        ['test', '0 4 * * *', true, 60, 'last'],
      ],
    );
    assert.deepEqual(schedules.page({ owner: 'bob', project: null, after: '', limit: 10 }), []);
  }));

test('a change of something else leaves a schedule as old as it is; other times, or switching on, make it new', () =>
  inTempDir(async (dir) => {
    const store = openReadStore(join(dir, 'read-model.db'), projections);
    const parts = [projects.open(store.db), schedules.open(store.db)];
    const sinceAfter = ({ type, data }: Draft, time: string) => {
      for (const { on, flush } of parts) {
        on[type]?.({ data, time, seq: 1 } as never);
        flush();
      }
      return scheduleQueries(store.db).find('p', 'audit')?.since;
    };
    const { schedule } = document;
    const off = { ...schedule, disabled: ['audit' as const] };
    try {
      assert.equal(sinceAfter(registered, day(1)), day(1));
      assert.equal(sinceAfter(updated({ ...schedule, jitter_secs: 5, catch_up: 'none' }), day(2)), day(1));
      assert.equal(sinceAfter(updated({ ...schedule, timezone: 'UTC' }), day(3)), day(3));
      assert.equal(sinceAfter(updated(schedule), day(4)), day(4));
      assert.equal(sinceAfter(updated(off), day(5)), day(4));
      assert.equal(sinceAfter(updated(schedule), day(6)), day(6));
      assert.equal(sinceAfter(updated(schedule, { enabled: false }), day(7)), day(6));
      assert.equal(sinceAfter(updated(schedule), day(8)), day(8));
    } finally {
      store.close();
    }
  }));

test('the last slot used is that up to a time, and what somebody asked for is none', () =>
  after([registered, fired(day(2)), fired(day(9)), fired(day(8), 'asked')], ({ schedules }) => {
    assert.equal(schedules.lastUsed('p', 'audit', day(10)), day(9));
    assert.equal(schedules.lastUsed('p', 'audit', day(8)), day(2));
    assert.equal(schedules.lastUsed('p', 'audit', day(1)), null);
    assert.equal(schedules.find('p', 'audit')?.last?.why, 'asked');
  }));

test('of the slots used the newest are kept', () =>
  after([registered, ...Array.from({ length: 130 }, (_none, index) => fired(day(index)))], ({ schedules }) => {
    assert.equal(schedules.lastUsed('p', 'audit', day(20)), null);
    assert.equal(schedules.lastUsed('p', 'audit', day(30)), day(30));
  }));

test('the newest head is the last one seen, and how often each was is counted', () =>
  after([registered, seen(a), seen(b), seen(a, 2)], ({ schedules }) => {
    assert.equal(schedules.head('p', 'main')?.sha, a);
    assert.deepEqual(
      [a, b].map((sha) => schedules.timesHead('p', 'main', sha)),
      [2, 1],
    );
    assert.equal(schedules.head('p', 'next'), null);
  }));

test('with its project a schedule goes; which commits were heads is remembered, since their ids are taken', () =>
  after([registered, fired(day(2)), seen(a), removed, updated(document.schedule)], ({ schedules }) => {
    assert.deepEqual(schedules.page({ owner: null, project: null, after: '', limit: 10 }), []);
    assert.deepEqual(schedules.enabled(), []);
    assert.equal(schedules.lastUsed('p', 'audit', day(10)), null);
    assert.equal(schedules.head('p', 'main'), null);
    assert.equal(schedules.timesHead('p', 'main', a), 1);
  }));
