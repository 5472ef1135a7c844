import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventData, EventName, Recorded } from '../../../../events/registry.ts';
import { emptyQueue, type JobQueue, supersededBy } from '../../../../services/jobs/rules/job-queue.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

/** A queue, and a way to tell it what happened. */
function stage(queue = emptyQueue()) {
  let seq = 0;
  const tell = <N extends EventName>(type: N, id: string, changes: Partial<EventData<N>> = {}) => {
    seq += 1;
    const data = sampleData(type, changes);
    const facts = { seq, eventId: `e${seq}`, correlationId: 'c', causationId: null, time: 't', source: '/test' };
    return queue.evolve({ type, entityId: id, data, ...facts } as Recorded);
  };
  const ask = (job_id: string, changes: Partial<EventData<'JobEnqueued'>> = {}) =>
    tell('JobEnqueued', job_id, { job_id, project: 'a', concurrency: {}, ...changes });
  return { queue, tell, ask };
}

/** Takes jobs until none may run; their ids in order. */
function takeAll(queue: JobQueue): string[] {
  const ids: string[] = [];
  for (let job = queue.next(); job; job = queue.next()) {
    queue.take(job.data.job_id);
    ids.push(job.data.job_id);
  }
  return ids;
}

describe('the queue of jobs', () => {
  it('serves high before normal before low, and the oldest first', () => {
    const { queue, ask } = stage();
    ask('low', { priority: 'low' });
    ask('normal-1');
    ask('high', { priority: 'high' });
    ask('normal-2');
    assert.deepEqual(takeAll(queue), ['high', 'normal-1', 'normal-2', 'low']);
  });

  it('passes over what cannot be run here, and takes it when it can', () => {
    let able = false;
    const queue = emptyQueue(({ data }) => able || data.job_id !== 'unable');
    const { ask } = stage(queue);
    ask('unable');
    ask('able');
    assert.deepEqual([queue.queued(), takeAll(queue)], [2, ['able']]);
    able = true;
    queue.reconsider();
    assert.deepEqual([queue.queued(), takeAll(queue), queue.queued()], [1, ['unable'], 0]);
  });

  it('serves the project with the fewest running jobs first', () => {
    const { queue, ask } = stage();
    for (const id of ['a1', 'a2', 'a3']) ask(id, { project: 'a' });
    ask('b1', { project: 'b' });
    ask('c1', { project: 'c' });
    assert.deepEqual(takeAll(queue), ['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  it('runs no more jobs of a project than it allows, and goes on when one ends', () => {
    const { queue, ask, tell } = stage();
    for (const id of ['1', '2', '3']) ask(id, { concurrency: { max_running: 2 } });
    assert.deepEqual(takeAll(queue), ['1', '2']);
    tell('RecipeStarted', '1');
    assert.equal(queue.next(), undefined);
    tell('RecipeExited', '1');
    assert.deepEqual(takeAll(queue), ['3']);
  });

  it('counts a named group over all projects', () => {
    const { queue, ask, tell } = stage();
    const concurrency = { group: 'gpu', group_max_running: 1 };
    ask('a1', { project: 'a', concurrency });
    ask('b1', { project: 'b', concurrency });
    ask('c1', { project: 'c' });
    assert.deepEqual(takeAll(queue), ['a1', 'c1']);
    tell('RecipeStarted', 'a1');
    tell('RecipeExited', 'a1');
    assert.deepEqual(takeAll(queue), ['b1']);
  });

  it('does not let a project that is at its limit hold up others', () => {
    const { queue, ask } = stage();
    ask('a1', { project: 'a', concurrency: { max_running: 1 }, priority: 'high' });
    ask('a2', { project: 'a', concurrency: { max_running: 1 }, priority: 'high' });
    ask('b1', { project: 'b', priority: 'low' });
    assert.deepEqual(takeAll(queue), ['a1', 'b1']);
  });

  it('never serves a job that is to be cancelled, nor one that another runner has', () => {
    const { queue, ask, tell } = stage();
    ask('1');
    ask('2');
    ask('3');
    tell('JobCancelRequested', '1');
    tell('RecipeStarted', '2');
    assert.deepEqual(takeAll(queue), ['3']);
    assert.equal(queue.get('1')?.cancelRequested, true);
    assert.equal(queue.get('2')?.state, 'running');
  });

  it('takes a mark back without losing count', () => {
    const { queue, ask, tell } = stage();
    ask('1', { concurrency: { max_running: 1 } });
    queue.take('1');
    assert.deepEqual([queue.next(), queue.queued()], [undefined, 0]);
    queue.giveBack('1');
    queue.giveBack('1');
    assert.deepEqual([queue.next()?.data.job_id, queue.queued()], ['1', 1]);
    queue.take('1');
    tell('RecipeStarted', '1');
    queue.giveBack('1');
    assert.deepEqual([queue.next(), queue.queued()], [undefined, 0]);
    tell('RecipeExited', '1');
    ask('2', { concurrency: { max_running: 1 } });
    assert.deepEqual(takeAll(queue), ['2']);
  });

  it('takes every event twice without a change', () => {
    const { queue, ask, tell } = stage();
    ask('1', { concurrency: { max_running: 1 } });
    ask('1', { concurrency: { max_running: 1 } });
    assert.equal(queue.queued(), 1);
    for (const type of ['RecipeStarted', 'RecipeStarted', 'RecipeExited', 'RecipeExited'] as const) tell(type, '1');
    assert.deepEqual([...queue.open()], []);
    ask('2', { concurrency: { max_running: 1 } });
    assert.deepEqual(takeAll(queue), ['2']);
  });

  it('has its low-water mark below the oldest open job, and at the last event when none is open', () => {
    const { queue, ask, tell } = stage();
    assert.equal(queue.lowWaterMark(), 0);
    ask('1');
    ask('2');
    tell('RecipeExited', '1');
    assert.equal(queue.lowWaterMark(), 1);
    tell('RecipeExited', '2');
    assert.equal(queue.lowWaterMark(), 4);
  });
});

describe('a newer job', () => {
  it('supersedes queued ones of the same recipe, branch and purpose, when its project wants that', () => {
    const { queue, ask, tell } = stage();
    ask('older');
    ask('running');
    tell('RecipeStarted', 'running');
    ask('other-branch', { branch: 'dev' });
    ask('other-recipe', { recipe: 'lint' });
    ask('other-project', { project: 'b' });
    ask('by-commit', { sha: 'a'.repeat(40) });
    ask('verify', { purpose: 'verify' });
    const newer = ask('newer', { supersede: true });
    assert.ok(newer);
    const ids = (jobs: { data: { job_id: string } }[]) => jobs.map(({ data }) => data.job_id);
    assert.deepEqual(ids(supersededBy(newer, queue.open())), ['older']);
    const plain = ask('plain');
    assert.ok(plain);
    assert.deepEqual(supersededBy(plain, queue.open()), []);
    const pinned = ask('pinned', { supersede: true, sha: 'b'.repeat(40) });
    assert.ok(pinned);
    assert.deepEqual(supersededBy(pinned, queue.open()), []);
  });

  it('supersedes those of older pushes, but none that somebody runs again', () => {
    const { queue, ask } = stage();
    const [one, two] = ['c'.repeat(40), 'd'.repeat(40)];
    ask('pushed', { sha: one, tip: one, purpose: 'scheduled' });
    ask('again', { sha: one, tip: one, purpose: 'scheduled', rerun_of: 'pushed' });
    const newer = ask('newer', { supersede: true, sha: two, tip: two, purpose: 'scheduled' });
    assert.ok(newer);
    assert.deepEqual(
      supersededBy(newer, queue.open()).map(({ data }) => data.job_id),
      ['pushed'],
    );
  });
});
