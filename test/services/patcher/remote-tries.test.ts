import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PatcherDeps } from '../../../services/patcher/attempt-steps.ts';
import { latestTry } from '../../../services/patcher/proving/verify-patch.ts';

/** Jobs by their ids, each with the reason of its end. */
const withJobs = (reasons: ReadonlyMap<string, string>) =>
  ({
    models: {
      query: () => ({
        jobs: {
          find: (id: string) => {
            const reason = reasons.get(id);
            return reason === undefined ? undefined : { doc: JSON.stringify({ job_id: id, reason }) };
          },
        },
      }),
    },
  }) as unknown as PatcherDeps;

describe('a run of a proof whose repository cannot be reached', () => {
  it('is asked for again, under another id, a few times', () => {
    const reasons = new Map<string, string>();
    const ids: string[] = [];
    for (;;) {
      const { id, job, asked } = latestTry('first', withJobs(reasons));
      if (job !== null) break;
      assert.equal(asked?.job_id ?? null, ids.at(-1) ?? null);
      ids.push(id);
      reasons.set(id, 'remote_unavailable');
    }
    assert.equal(ids[0], 'first');
    assert.equal(new Set(ids).size, 4);
    const last = latestTry('first', withJobs(reasons));
    assert.deepEqual([last.id, last.job?.reason], [ids[3], 'remote_unavailable']);
  });

  it('is that of the first try that reached it', () => {
    const again = latestTry('first', withJobs(new Map([['first', 'remote_unavailable']]))).id;
    const reasons = new Map([
      ['first', 'remote_unavailable'],
      [again, 'exited'],
    ]);
    assert.equal(latestTry('first', withJobs(reasons)).job?.reason, 'exited');
  });
});
