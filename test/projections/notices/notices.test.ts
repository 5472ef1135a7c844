import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebhookFormat } from '../../../events/projects/project.ts';
import type { Draft, EventData, EventName, Recorded } from '../../../events/registry.ts';
import type { JobNews } from '../../../projections/notices/notice-news.ts';
import { matches } from '../../../projections/notices/notice-words.ts';
import type { Queries } from '../../../services/projector/read-models.ts';
import { sampleData, sampleDraft } from '../../events/stored-payloads.ts';
import { after } from '../given-when.ts';

const job = '1'.repeat(26);
const hook = (id: string, on: string[], target_ref = 'ref', format: WebhookFormat = 'standard') => ({
  id,
  target_ref,
  host: 'h',
  on,
  format,
});
const project = (type: 'ProjectRegistered' | 'ProjectUpdated', notify: object, name = 'web'): Draft => {
  const data = sampleData(type, { name });
  return { type, id: name, data: { ...data, notify: { ...data.notify, webhooks: [], ...notify } } };
};
const of = <N extends EventName>(type: N, changes: object = {}, id = job): Draft<N> =>
  sampleDraft(type, id, { job_id: job, project: 'web', ...changes } as unknown as Partial<EventData<N>>);
const told = (type: 'NoticeSent' | 'NoticeFailed', event_seq: number, more: object = {}): Draft =>
  ({
    ...sampleDraft(type, `n${event_seq}`),
    data: { ...sampleData(type), project: 'web', target: 'a', event_seq, ...more },
  }) as Draft;
const waits = (queries: Queries, target = 'a', channel: 'webhook' | 'commit_status' | 'clawdforge' = 'webhook') => {
  const doc = queries.notices.target('web', channel, target);
  return [doc?.pending, queries.notices.next('web', channel, target)?.event_seq];
};
const requested = { purpose: 'requested', sha: null, subproject: 'api', recipe: 'audit' };
const context = 'crafting-table/web/api/audit';
const parsed = (changes: object = {}) =>
  of('FindingsParsed', { reading: 1, new: 0, by_kind: {}, by_severity: {}, ...changes });
const exited = (changes: object = {}) => of('RecipeExited', { reason: 'exited', exit_code: 0, sha: null, ...changes });

describe('the read model of notices', () => {
  it('queues what a webhook listens for, from its registration on, in the order of the log', () =>
    after(
      [
        of('JobEnqueued', requested),
        project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued']), hook('b', ['RecipeStarted'])] }),
        of('JobEnqueued', requested),
        of('RecipeStarted'),
        of('JobEnqueued', { ...requested, project: 'other' }),
        of('JobEnqueued', requested),
      ],
      (queries) => {
        assert.deepEqual(waits(queries), [2, 3]);
        assert.deepEqual(waits(queries, 'b'), [1, 4]);
        assert.deepEqual(
          queries.notices.waiting().map(({ target }) => target),
          ['a', 'b'],
        );
        assert.deepEqual(queries.notices.pending(), { webhook: 3 });
      },
    ));

  it('settles what was told or given up, and knows the last of each', () =>
    after(
      [
        project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued'])] }),
        of('JobEnqueued', requested),
        of('JobEnqueued', requested),
        of('JobEnqueued', requested),
        told('NoticeSent', 2),
        told('NoticeSent', 2),
        told('NoticeFailed', 3),
      ],
      (queries) => {
        assert.deepEqual(waits(queries), [1, 4]);
        const doc = queries.notices.target('web', 'webhook', 'a');
        assert.deepEqual([doc?.last_sent_seq, doc?.last_failure?.event_seq, doc?.since_seq], [2, 3, 1]);
      },
    ));

  it('brings back what was settled when a replay is asked for, after what waits already', () =>
    after(
      [
        project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued'])] }),
        of('JobEnqueued', requested),
        of('JobEnqueued', requested),
        of('JobEnqueued', requested),
        told('NoticeSent', 2),
        told('NoticeSent', 3),
        { type: 'NoticeReplayRequested', id: 'web/a', data: { project: 'web', target: 'a', from_seq: 3, by: 'me' } },
        told('NoticeSent', 4),
      ],
      (queries) => {
        assert.deepEqual(waits(queries), [1, 3]);
        assert.equal(queries.notices.next('web', 'webhook', 'a')?.due_seq, 7);
        assert.equal(queries.notices.replayable('web', 'a', 0), 2);
      },
    ));

  it('stops telling a target that is gone until its address changes', () => {
    const gone = [
      project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued'])] }),
      of('JobEnqueued', requested),
      of('JobEnqueued', requested),
      told('NoticeFailed', 2, { target_gone: true }),
      of('JobEnqueued', requested),
    ];
    const moved = [
      project('ProjectUpdated', { webhooks: [hook('a', ['JobEnqueued'], 'ref-2')] }),
      of('JobEnqueued', requested),
    ];
    return after(gone, (queries) => assert.deepEqual(waits(queries), [0, undefined])).then(() =>
      after([...gone, ...moved], (queries) => assert.deepEqual(waits(queries), [1, 7])),
    );
  });

  it('forgets a webhook that was taken out, and everything of a project that was removed', () =>
    after(
      [
        project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued']), hook('b', ['JobEnqueued'])] }),
        of('JobEnqueued', requested),
        project('ProjectUpdated', { webhooks: [hook('b', ['JobEnqueued'])] }),
        project('ProjectUpdated', { webhooks: [hook('a', ['JobEnqueued']), hook('b', ['JobEnqueued'])] }),
      ],
      (queries) => {
        assert.deepEqual(waits(queries), [0, undefined]);
        assert.equal(queries.notices.target('web', 'webhook', 'a')?.since_seq, 4);
        assert.deepEqual(waits(queries, 'b'), [1, 2]);
      },
    ).then(() =>
      after(
        [
          project('ProjectRegistered', { webhooks: [hook('a', ['JobEnqueued'])], commit_status: true }),
          of('JobEnqueued', requested),
          sampleDraft('ProjectRemoved', 'web', { name: 'web', owner: null }),
          project('ProjectRegistered', {}),
          of('JobEnqueued', requested),
        ],
        (queries) => assert.deepEqual([waits(queries), queries.notices.waiting()], [[undefined, undefined], []]),
      ),
    ));

  it('shows a job on its commit once that is known and at its end, the newest state alone', () => {
    const begun = [
      project('ProjectRegistered', { commit_status: true }),
      of('JobEnqueued', requested),
      of('RecipeStarted'),
      of('WorkspacePrepared', { sha: 'a'.repeat(40) }),
    ];
    return after(begun, (queries) => assert.deepEqual(waits(queries, context, 'commit_status'), [1, 4])).then(() =>
      after([...begun, exited(), parsed()], (queries) =>
        assert.deepEqual(waits(queries, context, 'commit_status'), [1, 6]),
      ),
    );
  });

  it('shows nothing of jobs of the patch loop, and nothing without a commit', () =>
    after(
      [
        project('ProjectRegistered', {
          commit_status: true,
          clawdforge: true,
          webhooks: [hook('a', ['nightly_summary'])],
        }),
        of('JobEnqueued', { ...requested, purpose: 'verify', sha: 'a'.repeat(40) }),
        of('RecipeStarted'),
        exited(),
        parsed({ new: 1 }),
        of('JobEnqueued', requested),
        exited({ reason: 'workspace_failed' }),
        parsed(),
      ],
      (queries) =>
        assert.deepEqual(
          queries.notices.waiting().map(({ key }) => key),
          ['web/webhook/a'],
        ),
    ));

  it('hands new findings to clawdforge, once a job has some', () =>
    after(
      [
        project('ProjectRegistered', { clawdforge: true }),
        of('JobEnqueued', requested),
        exited(),
        parsed({ new: 2 }),
        parsed({ new: 2, reading: 2 }),
        of('JobEnqueued', requested),
        exited(),
        parsed({ new: 0 }),
      ],
      (queries) => assert.deepEqual(waits(queries, 'clawdforge', 'clawdforge'), [1, 4]),
    ));

  it('tells a chat of what is new, of the first failure and of the recovery, and is silent in between', () => {
    const run = (...said: object[]) =>
      said.flatMap((one) => [
        of('JobEnqueued', { ...requested, branch: 'main' }),
        exited({ exit_code: 'passed' in one && one.passed ? 0 : 1 }),
        of('FindingDetected'),
        parsed(one),
      ]);
    const away = { passed: false, failure: { cause: 'environment', kind: 'registry', detail: null } };
    const walk = run(
      { passed: true, baseline: { subproject: '.', recipe: 'audit', tools: ['x'], findings: 3 } },
      { passed: true },
      { passed: false, new: 2 },
      { passed: false },
      away,
      away,
      { passed: true },
      { passed: true },
    );
    return after(
      [project('ProjectRegistered', { webhooks: [hook('a', ['FindingDetected'], 'ref', 'slack')] }), ...walk],
      (queries) => {
        const told = walk.flatMap((_, at) => (at % 4 === 3 ? [at + 2] : []));
        assert.deepEqual(waits(queries), [3, told[2]], 'news, trouble, recovery; nothing of the first look');
      },
    );
  });

  it('lets of two runs on one commit the one that was asked for later speak, whichever ends first', () => {
    const [older, newer, commit] = ['1'.repeat(26), '2'.repeat(26), 'c'.repeat(40)];
    const walk = [
      project('ProjectRegistered', { webhooks: [hook('a', ['news'])], commit_status: true }),
      of('JobEnqueued', { ...requested, job_id: older, sha: commit }, older),
      of('JobEnqueued', { ...requested, job_id: newer, sha: commit }, newer),
      exited({ job_id: newer, exit_code: 1, sha: commit }),
      parsed({ job_id: newer, passed: false }),
      of('RecipeStarted', { job_id: older }, older),
      exited({ job_id: older, exit_code: 0, sha: commit }),
      parsed({ job_id: older, passed: true }),
    ];
    return after(walk, (queries) => {
      assert.deepEqual(waits(queries), [1, 5], 'the chat hears that it failed, and not that all is well');
      assert.deepEqual(waits(queries, context, 'commit_status'), [1, 5]);
    });
  });

  it('tells every webhook of a digest that is late', () =>
    after(
      [
        project('ProjectRegistered', { webhooks: [hook('a', ['PrOpened'])] }),
        sampleDraft('DigestOverdue', '2026-11-21', { projects: [] }),
      ],
      (queries) => assert.deepEqual(waits(queries), [1, 2]),
    ));
});

describe('the words of a webhook', () => {
  const end = (changes: object = {}) => parsed(changes) as unknown as Recorded;
  const facts = (recipe: string, ended: 'succeeded' | 'failed' | 'cancelled', news: JobNews | null = 'news') => ({
    recipe,
    ended,
    trial: false,
    news: ended === 'cancelled' ? null : news,
  });
  const table: [string, Recorded, ReturnType<typeof facts> | undefined, boolean][] = [
    ['audit_pass', end(), facts('audit', 'succeeded'), true],
    ['audit_pass', end(), facts('audit', 'failed'), false],
    ['audit_pass', end(), facts('test', 'succeeded'), false],
    ['audit_fail', end(), facts('audit', 'failed'), true],
    ['audit_fail', end(), facts('audit', 'cancelled'), false],
    ['test_fail', end(), facts('test', 'failed'), true],
    ['lint_warn', end({ by_severity: { warn: 1 } }), facts('lint', 'succeeded'), true],
    ['lint_warn', end({ by_severity: { error: 1 } }), facts('lint', 'failed'), true],
    ['lint_warn', end({ by_severity: { warn: 1 } }), facts('lint', 'succeeded', null), false],
    ['audit_fail', end(), facts('audit', 'failed', null), false],
    ['audit_fail', end(), facts('audit', 'succeeded', 'recovered'), true],
    ['audit_fail', end(), facts('build', 'failed', 'trouble'), true],
    ['audit_pass', end(), facts('build', 'failed', 'trouble'), false],
    ['cve_found', end({ by_kind: { cve: 1 } }), facts('audit', 'failed', 'failed'), false],
    ['news', end(), facts('build', 'failed', 'failed'), true],
    ['lint_warn', end({ by_severity: { warn: 1 } }), facts('test', 'failed'), false],
    ['cve_found', end({ by_kind: { cve: 1 } }), facts('audit', 'succeeded'), true],
    ['cve_found', end({ by_kind: { lint: 1 } }), facts('audit', 'failed'), false],
    ['nightly_summary', end(), facts('build', 'cancelled'), true],
    ['nightly_summary', end({ reading: 2 }), facts('build', 'failed'), false],
    ['nightly_summary', end(), undefined, false],
    ['FindingsParsed', end({ reading: 2 }), undefined, true],
    ['patch_drafted', of('PatchDrafted') as unknown as Recorded, undefined, true],
    ['constructor', end(), facts('audit', 'failed'), false],
  ];
  for (const [word, event, job, expected] of table)
    it(`${word} ${expected ? 'takes' : 'leaves'} ${event.type} of ${job ? `${job.recipe}, ${job.ended}` : 'no known job'}`, () =>
      assert.equal(matches({ on: [word], chat: false }, event, job), expected));

  it('tells a chat of findings by their job alone', () => {
    const chat = { on: ['FindingDetected', 'FindingsParsed'], chat: true };
    assert.equal(matches(chat, of('FindingDetected') as unknown as Recorded, undefined), false);
    assert.equal(matches(chat, end(), facts('lint', 'failed')), true);
    assert.equal(matches(chat, end(), facts('lint', 'failed', null)), false);
  });
});
