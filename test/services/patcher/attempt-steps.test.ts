import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recorded } from '../../../events/registry.ts';
import { newPatch } from '../../../projections/patches/patch-document.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { placeAwaited, placeOfWork } from '../../../services/attempts/awaited-place.ts';
import type { Cli } from '../../../services/cli/define.ts';
import { showPatch } from '../../../services/cli/print/patch-table.ts';
import { workColumns } from '../../../services/cli/print/work-table.ts';
import { done, effectOf } from '../../../services/define.ts';
import { keyedLock } from '../../../services/floor/keyed-lock.ts';
import { statusText } from '../../../services/orchestrator/rules/status-text.ts';
import { end, type PatcherDeps, type Step } from '../../../services/patcher/attempt-steps.ts';
import { draftFromJob } from '../../../services/patcher/drafting/draft-by-job.ts';
import { patcher } from '../../../services/patcher/patcher.ts';
import type { Queries } from '../../../services/projector/read-models.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';

const patchOf = (id: number) =>
  newPatch(
    {
      patch_id: `${id}-1`,
      project: 'p',
      owner: 'ann',
      finding_id: id,
      identity: `${id}`.repeat(32),
      attempt_number: 1,
      members: [{ finding_id: id, identity: `${id}`.repeat(32) }],
      job_id: '01arz3ndektsv4rrffq69g5fav',
      subproject: '.',
      recipe: 'lint',
      base: { branch: 'main', sha: 'a'.repeat(40) },
      methods: ['tool_edit', 'agent'],
      by: 'ann',
      branch: `auto/${id}`,
      forge: 'none',
      repository: null,
    },
    id,
    '2026-01-01T00:00:00.000Z',
  );
const reconsidered = { patch_id: '1-1', project: 'p', by: 'ann', reason: '' };
const cause = { eventId: 'e'.repeat(32), correlationId: 'c' } as Recorded;

describe('a step of an attempt', () => {
  it('is recorded for each of the attempts that one event moves on', async () => {
    const log = memoryEventLog();
    const deps = { log, models: { applied: async () => true } } as unknown as PatcherDeps;
    for (const id of [1, 2]) {
      const step: Step = { patch: patchOf(id), effect: effectOf('patcher', cause), deps };
      await end({ step: 'context', reason: 'finding_gone', detail: 'It is gone.' }, step);
      await end({ step: 'context', reason: 'finding_gone', detail: 'It is gone.' }, step);
    }
    assert.equal((await log.last('PatchAbandoned', '1-1'))?.data.patch_id, '1-1');
    assert.equal((await log.last('PatchAbandoned', '2-1'))?.data.patch_id, '2-1');
  });

  for (const [method, step] of [
    ['tool_edit', 'draft'],
    ['agent', 'agent'],
  ] as const)
    it(`that failed too often ends its attempt, and says that it was about ${step}`, async () => {
      const log = memoryEventLog();
      const patch = { ...patchOf(1), methods: [method] };
      const requested = await log.append({ type: 'PatchReconsidered', id: patch.id, data: reconsidered });
      const models = { applied: async () => true, query: () => ({ patches: { find: () => ({ doc: patch }) } }) };
      const { on } = patcher({ log, models, withLock: keyedLock() } as unknown as PatcherDeps);
      const data = { consumer: 'patcher', event_seq: requested.seq, reason: 'It does not answer.' };
      const abandoned = { ...cause, seq: 2, data } as Recorded<'DeliveryAbandoned'>;
      assert.deepEqual(await on.DeliveryAbandoned?.(abandoned, effectOf('patcher', cause)), done);
      const { failure } = (await log.last('PatchDeclined', patch.id))?.data ?? {};
      assert.deepEqual([failure?.step, failure?.reason, failure?.detail], [step, 'unavailable', 'It does not answer.']);
    });

  it('that could not show what was pushed says so, and its pull request stays', async () => {
    const log = memoryEventLog();
    const patch = { ...patchOf(1), status: 'pr_opened' as const, pr_number: 7 };
    const branch = { branch: 'auto/1', commit: 'b'.repeat(40), base_sha: 'a'.repeat(40), replaces: null };
    const data = { patch_id: patch.id, project: 'p', ...branch };
    const pushed = await log.append({ type: 'BranchPushed', id: patch.id, data });
    for (const [pr, ends] of [
      [pushed.seq + 1, undefined],
      [pushed.seq - 1, 'forge'],
    ] as const) {
      const doc = { ...patch, seqs: { ...patch.seqs, pushed: pushed.seq, pr } };
      const models = { applied: async () => true, query: () => ({ patches: { find: () => ({ doc }) } }) };
      const { on } = patcher({ log, models, withLock: keyedLock() } as unknown as PatcherDeps);
      const given = { consumer: 'patcher', event_seq: pushed.seq, reason: 'It does not answer.' };
      await on.DeliveryAbandoned?.(
        { ...cause, seq: 2, data: given } as Recorded<'DeliveryAbandoned'>,
        effectOf('patcher', cause),
      );
      assert.equal((await log.last('PatchAbandoned', patch.id))?.data.failure.step, ends);
    }
  });

  it('does not take the draft job of an earlier try for its own', async () => {
    const untouchable = new Proxy({}, { get: (_, name) => assert.fail(`${String(name)} is looked at`) });
    const patch = patchOf(1);
    const later = { ...patch, turn: 1, seqs: { ...patch.seqs, sent_back: 20 } };
    const heard = (seq: number, reading?: number) =>
      ({ seq, data: { job_id: patch.job_id, ...(reading ? { reading } : {}) } }) as Recorded<'FindingsParsed'>;
    const step: Step = { patch: later, effect: effectOf('patcher', cause), deps: untouchable as PatcherDeps };
    await draftFromJob(heard(19), step);
    await draftFromJob(heard(21, 2), step);
    await assert.rejects(draftFromJob(heard(21), step), /is looked at/);
  });
});

describe('what an agent proposed while the most are open', () => {
  const open = [1, 2, 3, 4].map((id) => ({ ...patchOf(id), pr_number: id < 4 ? id + 20 : null }));
  const [first, , , fourth] = open;
  const query = { patches: { find: () => ({ doc: fourth }), openOf: () => open } } as unknown as Queries;
  const work = {
    state: 'proposed',
    patch_id: '4-1',
    project: 'p',
    agent: 'a',
    run: null,
    strangers: 0,
  } as unknown as WorkDoc;
  const words = /a place: 3 proposals of p are open before it \(#21, #22, #23\), and 3 at once are the most/;

  it('waits for a place, in words with the limit, on its issue and in the list', () => {
    const place = placeOfWork(work, query);
    assert.match(place ?? '', words);
    const said = { work, attempt: null, refused: null, provenance: '', mark: '' };
    assert.match(statusText({ ...said, place }), words);
    assert.match(statusText({ ...said, place: null }), /what it left is being proven/);
    const state = workColumns.find(({ head }) => head === 'state');
    assert.equal(state?.of({ ...work, waits_for: place ?? '' }), 'waits for a place');
    assert.equal(state?.of(work), 'proposed');
    const lines: string[] = [];
    const cli = { print: (line: string) => lines.push(line), terminal: { isTTY: false, columns: 80, colour: false } };
    assert.ok(fourth && place);
    showPatch(cli as unknown as Cli, { ...fourth, waits_for: place });
    assert.match(lines.join('\n'), new RegExp(`^waits for +${words.source}$`, 'm'));
  });

  it('waits no longer once it has begun or one of them is over, and nothing else of a work waits so', () => {
    assert.equal(placeOfWork({ ...work, state: 'verified' }, query), null);
    assert.equal(fourth && placeAwaited(fourth, open.slice(1)), null);
    assert.equal(fourth && placeAwaited({ ...fourth, status: 'drafted' }, open), null);
    assert.equal(first && placeAwaited(first, open), null);
  });
});
