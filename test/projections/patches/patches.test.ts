import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Draft, EventData, EventName } from '../../../events/registry.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { Queries } from '../../../services/projector/read-models.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { after } from '../given-when.ts';

const id = '42-1';
const identity = '9f86d081884c7d659a2feaa0c55ad015';
const on = <N extends EventName>(name: N, changes: object = {}): Draft<N> =>
  sampleDraft(name, id, { patch_id: id, project: 'alpha', ...changes } as unknown as Partial<EventData<N>>);
const docOf = (queries: Queries): PatchDoc => queries.patches.find(id)?.doc as PatchDoc;
const jobId = '1'.repeat(26);

const requested = on('PatchRequested');
const drafted = (turn = 1) => on('PatchDrafted', { turn });
const sentBack = (turn: number, step: string) => on('PatchSentBack', { turn, step });
const verify = sampleDraft('JobEnqueued', jobId, {
  job_id: jobId,
  project: 'alpha',
  patch: { patch_id: id, stage: 'full', drafted_seq: 2 },
} as Partial<EventData<'JobEnqueued'>>);
const proven = [requested, drafted(), verify, on('PatchVerified')];
const asked = on('PatchApprovalRequested');
const yes = on('PatchApproved');
const no = on('PatchApprovalDeclined');
const no2 = on('PatchApprovalDeclined', { digest: '0'.repeat(64) });
const opened = [...proven, on('BranchPushed'), on('PrOpened')];

describe('the read model of patches', () => {
  const stories: [string, Draft[], PatchDoc['status'], boolean][] = [
    ['requested at first', [requested], 'requested', true],
    ['drafted when there is a diff', [requested, drafted()], 'drafted', true],
    ['requested again when a draft was sent back', [requested, drafted(), sentBack(1, 'verify')], 'requested', true],
    ['verifying when its job was asked for', [requested, drafted(), verify], 'verifying', true],
    ['pushed with its branch', [...proven, on('BranchPushed')], 'pushed', true],
    ['pr_opened with its pull request', opened, 'pr_opened', true],
    ['merged when people took it', [...opened, on('PrMerged')], 'merged', false],
    ['closed when people do not want it', [...opened, on('PrClosed')], 'closed', false],
    ['pr_opened again when people think better of it', [...opened, on('PrClosed'), on('PrOpened')], 'pr_opened', true],
    ['declined when no method had anything', [requested, on('PatchDeclined')], 'declined', false],
    ['refused by the policy', [requested, on('PatchRefused')], 'refused', false],
    ['apply_failed when it does not fit', [requested, on('PatchApplyFailed')], 'apply_failed', false],
    [
      'verify_failed when it is no better',
      [requested, drafted(), verify, on('PatchVerifyFailed')],
      'verify_failed',
      false,
    ],
    ['awaiting_approval when a person is asked', [...proven, asked], 'awaiting_approval', true],
    [
      'pr_opened when a person approved it',
      [...proven, asked, yes, on('BranchPushed'), on('PrOpened')],
      'pr_opened',
      true,
    ],
    ['not_approved when a person declined it', [...proven, asked, no], 'not_approved', false],
    ['awaiting_approval when another diff was declined', [...proven, asked, no2], 'awaiting_approval', true],
    ['awaiting_approval when it is declined after the yes', [...proven, asked, yes, no], 'awaiting_approval', true],
    ['not_approved when it is approved after the no', [...proven, asked, no, yes], 'not_approved', false],
    ['not_approved when nobody answered', [...proven, asked, on('PatchApprovalExpired')], 'not_approved', false],
    ['abandoned for a reason outside of it', [...proven, on('PatchAbandoned')], 'abandoned', false],
    [
      'pr_opened when the renewal of its pull request failed',
      [...opened, on('PrConflicted'), on('PatchRefreshRequested'), on('PatchDeclined')],
      'pr_opened',
      true,
    ],
  ];
  for (const [title, history, status, open] of stories) {
    it(`shows an attempt as ${title}`, () =>
      after(history, (queries) => {
        assert.equal(docOf(queries).status, status);
        assert.equal(docOf(queries).open, open);
        assert.equal(queries.patches.openOf('alpha').length, open ? 1 : 0);
      }));
  }

  it('takes the first word about a try, whoever says another one later', () =>
    after([requested, drafted(1), sentBack(1, 'agent')], (queries) =>
      assert.equal(docOf(queries).status, 'drafted'),
    ).then(() =>
      after([requested, sentBack(1, 'agent'), drafted(1)], (queries) => {
        assert.equal(docOf(queries).status, 'requested');
        assert.deepEqual(
          docOf(queries).sent_back.map(({ turn }) => turn),
          [1],
        );
        assert.equal(queries.patches.diff(id), null);
      }),
    ));

  it('counts attempts of an identity since it was last reconsidered', () => {
    const again = sampleDraft('PatchRequested', '42-2', { patch_id: '42-2', project: 'alpha', attempt_number: 2 });
    return after([...opened, on('PrClosed')], ({ patches }) => {
      assert.equal(patches.standing(identity).refused?.id, id);
      assert.equal(patches.standing(identity).attempts, 1);
    })
      .then(() =>
        after([...opened, on('PrClosed'), on('PatchReconsidered')], ({ patches }) => {
          assert.deepEqual([patches.standing(identity).refused, patches.standing(identity).attempts], [null, 0]);
          assert.equal(patches.numberedOf(42), 1);
        }),
      )
      .then(() =>
        after([...opened, on('PrClosed'), on('PatchReconsidered'), again], ({ patches }) => {
          assert.equal(patches.standing(identity).active?.id, '42-2');
          assert.equal(patches.standing(identity).attempts, 1);
          assert.equal(patches.numberedOf(42), 2);
          assert.equal(patches.numberedOf(4), 0);
        }),
      );
  });

  it('lets a branch without a pull request go when its finding is gone', () => {
    const alone = on('PatchRequested', { forge: 'none', repository: null });
    const resolved = sampleDraft('FindingResolved', identity, { identity, project: 'alpha' });
    return after([alone, drafted(), verify, on('PatchVerified'), on('BranchPushed'), resolved], (queries) => {
      assert.equal(docOf(queries).status, 'pushed');
      assert.equal(docOf(queries).open, false);
    });
  });

  it('forgets the attempts of a project that was removed', () =>
    after([...opened, sampleDraft('ProjectRemoved', 'alpha', { name: 'alpha', owner: null })], (queries) => {
      assert.equal(queries.patches.find(id), undefined);
      assert.equal(queries.patches.diff(id), null);
      assert.equal(queries.patches.standing(identity).ever, 0);
    }));
});
