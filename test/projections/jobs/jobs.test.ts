import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Draft, EventData, EventName } from '../../../events/registry.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { Queries } from '../../../services/projector/read-models.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { after } from '../given-when.ts';

const id = '1'.repeat(26);
const on = <N extends EventName>(name: N, changes: object = {}): Draft<N> =>
  sampleDraft(name, id, { job_id: id, project: 'alpha', ...changes } as unknown as Partial<EventData<N>>);
const docOf = (queries: Queries): JobDoc => JSON.parse(queries.jobs.find(id)?.doc ?? '{}');

const enqueued = on('JobEnqueued');
const started = on('RecipeStarted');
const exited = (changes: object = {}) => on('RecipeExited', { reason: 'exited', exit_code: 0, ...changes });
const parsed = on('FindingsParsed', { total: 3, new: 2, resolved: 1 });

describe('the read model of jobs', () => {
  const stories: [string, Draft[], string][] = [
    ['queued when it was asked for', [enqueued], 'queued'],
    ['running when a runner took it', [enqueued, started], 'running'],
    ['parsing when its recipe ended', [enqueued, started, exited()], 'parsing'],
    ['succeeded when its log is read and the exit code is 0', [enqueued, started, exited(), parsed], 'succeeded'],
    ['failed with another exit code', [enqueued, started, exited({ exit_code: 1 }), parsed], 'failed'],
    [
      'failed when a signal ended it',
      [enqueued, started, exited({ exit_code: null, signal: 'SIGKILL' }), parsed],
      'failed',
    ],
    [
      'failed when it was orphaned',
      [enqueued, started, exited({ reason: 'orphaned', exit_code: -1 }), parsed],
      'failed',
    ],
    [
      'failed when it took too long',
      [enqueued, started, exited({ reason: 'timeout', exit_code: null }), parsed],
      'failed',
    ],
    [
      'cancelled when that was asked for before its end, even if it ended well',
      [enqueued, started, on('JobCancelRequested'), exited(), parsed],
      'cancelled',
    ],
    [
      'succeeded when a cancel came after its end',
      [enqueued, started, exited(), on('JobCancelRequested'), parsed],
      'succeeded',
    ],
    [
      'cancelled when a runner took it too late, after its end',
      [enqueued, on('JobCancelRequested'), exited({ reason: 'cancelled', exit_code: null }), started, parsed],
      'cancelled',
    ],
    [
      'cancelled when a runner took it after its log was read',
      [enqueued, exited({ reason: 'cancelled', exit_code: null }), parsed, started],
      'cancelled',
    ],
  ];
  for (const [title, history, status] of stories)
    it(`shows a job as ${title}`, () =>
      after(history, (queries) => {
        assert.equal(docOf(queries).status, status);
        assert.deepEqual(
          queries.jobs.page({ owner: null, project: 'alpha', status: docOf(queries).status, before: 1e9, limit: 9 })
            .length,
          1,
          'the column by which it is listed says the same',
        );
      }));

  it('shows counts, commit and times of a job that has ended', () =>
    after([enqueued, started, on('WorkspacePrepared'), exited(), parsed], (queries) => {
      const doc = docOf(queries);
      assert.deepEqual([doc.findings_count, doc.new_findings_count, doc.resolved_findings_count], [3, 2, 1]);
      assert.ok(doc.enqueued_at && doc.started_at && doc.finished_at);
      assert.match(doc.sha ?? '', /^[0-9a-f]{40}$/);
    }));

  it('forgets the jobs of a removed project, and what still happens to them', () =>
    after(
      [enqueued, started, sampleDraft('ProjectRemoved', 'alpha', { name: 'alpha', owner: null }), exited(), parsed],
      (queries) => {
        assert.equal(queries.jobs.find(id), undefined);
        assert.deepEqual(queries.jobs.active(), {});
      },
    ));

  it('lists newest first, by owner, project and state, from a place on', () => {
    const history = ['2', '3', '4'].map((digit) => {
      const job_id = digit.repeat(26);
      const who = { project: digit === '3' ? 'beta' : 'alpha', owner: digit === '4' ? 'bob' : 'ann' };
      return sampleDraft('JobEnqueued', job_id, { job_id, ...who });
    });
    return after(history, ({ jobs }) => {
      const all = { owner: null, project: null, status: null, before: 1e9, limit: 10 };
      const seqs = (filter: object) => jobs.page({ ...all, ...filter }).map(({ seq }) => seq);
      assert.deepEqual(seqs({}), [3, 2, 1]);
      assert.deepEqual(seqs({ before: 3, limit: 1 }), [2]);
      assert.deepEqual(seqs({ owner: 'ann' }), [2, 1]);
      assert.deepEqual(seqs({ project: 'alpha', owner: 'bob' }), [3]);
      assert.deepEqual(seqs({ status: 'running' }), []);
    });
  });
});

describe('the commit at which the default branch was judged', () => {
  const jobOf = (at: number, on_default_branch: boolean) => {
    const job_id = String(at).padStart(26, '0');
    const of = { job_id, project: 'alpha' };
    return [
      sampleDraft('JobEnqueued', job_id, { ...of, sha: String(at % 10).repeat(40) }),
      sampleDraft('FindingsParsed', job_id, { ...of, on_default_branch }),
    ];
  };

  it('is that of the newest job that spoke for it, however many others came since', () =>
    after(
      [...jobOf(1, true), ...jobOf(2, true), ...Array.from({ length: 120 }, (_, at) => jobOf(at + 3, false)).flat()],
      ({ jobs }) => {
        assert.equal(jobs.judgedCommit('alpha'), '2'.repeat(40));
        assert.equal(jobs.judgedCommit('beta'), null);
      },
    ));
});

describe('the read models of tokens and projects', () => {
  it('find a bearer by its hash until it is revoked', () => {
    const minted = sampleDraft('TokenMinted', 'ann', { name: 'ann', sha256: 'e'.repeat(64) });
    const revoked = sampleDraft('TokenRevoked', 'ann', { name: 'ann' });
    return after([minted], ({ tokens }) => assert.equal(tokens.byHash('e'.repeat(64))?.name, 'ann')).then(() =>
      after([minted, revoked], ({ tokens }) => {
        assert.equal(tokens.byHash('e'.repeat(64)), undefined);
        assert.ok(tokens.find('ann')?.revoked_at);
      }),
    );
  });

  it('keep when a project was registered over its updates, and forget a removed one', () => {
    const registered = sampleDraft('ProjectRegistered', 'alpha', { name: 'alpha', owner: 'bob' });
    const updated = sampleDraft('ProjectUpdated', 'alpha', { name: 'alpha', owner: 'bob', default_branch: 'next' });
    const removed = sampleDraft('ProjectRemoved', 'alpha', { name: 'alpha', owner: null });
    return after([registered, updated], ({ projects }) => {
      const found = projects.find('alpha');
      assert.deepEqual([found?.owner, found?.default_branch], ['bob', 'next']);
      assert.ok((found?.created_at ?? '') <= (found?.updated_at ?? ''));
      assert.equal(projects.page({ owner: 'bob', after: '', limit: 5 }).length, 1);
      assert.equal(projects.page({ owner: 'admin', after: '', limit: 5 }).length, 0);
    }).then(() =>
      after([registered, removed, updated], ({ projects }) => {
        assert.equal(projects.find('alpha'), undefined);
        assert.equal(projects.count(), 0);
      }),
    );
  });
});
