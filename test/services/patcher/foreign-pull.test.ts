import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newPatch, type PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { Forge, PullRequest } from '../../../services/io/forge/forge.ts';
import { silent } from '../../../services/io/log.ts';
import type { PatcherDeps } from '../../../services/patcher/attempt-steps.ts';
import { openPullRequest } from '../../../services/patcher/publishing/publish-patch.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';

const commit = 'a'.repeat(40);
const foreign: PullRequest = {
  number: 7,
  url: 'https://git.example.org/acme/app/pulls/7',
  title: 'of somebody else',
  state: 'open',
  head: 'their-branch',
  headSha: commit,
  base: 'main',
  mergeCommit: null,
  mergeable: true,
  comments: 0,
};

/** A forge that answers with the pull request of somebody else, and tells what was written. */
function confusedForge(): Forge & { written: string[] } {
  const written: string[] = [];
  const write = async (what: string) => {
    written.push(what);
    return foreign;
  };
  return {
    kind: 'gitea',
    repository: 'acme/app',
    written,
    findPull: async () => foreign,
    readPull: async () => foreign,
    openPull: () => write('open'),
    updatePull: () => write('update'),
    closePull: () => write('close'),
    recentPulls: async () => null,
    setStatus: async () => {},
    comment: async () => void (await write('comment')),
  };
}

/** An attempt that was proven and pushed. */
function pushedPatch(): PatchDoc {
  const requested = sampleDraft('PatchRequested', '1-1', { forge: 'gitea', repository: 'acme/app' });
  const { data: verified } = sampleDraft('PatchVerified', '1-1', {});
  const { data: drafted } = sampleDraft('PatchDrafted', '1-1', {});
  const time = '2026-01-01T00:00:00.000Z';
  return {
    ...newPatch(requested.data, 1, time),
    status: 'pushed',
    method: drafted.method,
    files: drafted.files,
    cost: drafted.cost,
    evidence: verified.evidence,
    commit,
    drafted_at: time,
    verified_at: time,
  };
}

describe('a forge that answers with a pull request of somebody else', () => {
  it('is not written to; that is recorded, and the attempt ends', async () => {
    const log = memoryEventLog();
    const forge = confusedForge();
    const patch = pushedPatch();
    const query = () => ({
      patches: { ofPull: () => [], find: () => ({ owner: 'o', doc: patch }) },
      findings: { known: () => undefined },
      projects: { find: () => undefined, nameOf: (name: string) => name },
    });
    const deps = {
      config: { publicUrl: null, patcher: {} },
      version: '0',
      log,
      logger: silent,
      agent: null,
      models: { query, applied: async () => true },
      openForge: () => forge,
    } as unknown as PatcherDeps;
    const effect = (ordinal: number | string) => ({ eventId: 'e', correlationId: 'c', consumer: 'patcher', ordinal });
    await openPullRequest({ patch, effect, deps });
    assert.deepEqual(forge.written, []);
    const [refused, ended, ...more] = log.all();
    assert.deepEqual(more, []);
    assert.ok(refused?.type === 'ForgeWriteRefused' && ended?.type === 'PatchAbandoned');
    const { operation, target, reason } = refused.data;
    assert.deepEqual([operation, target], ['updatePull', '#7']);
    assert.match(reason, /not the pull request of this attempt/);
    assert.deepEqual([ended.data.failure.step, ended.data.failure.reason], ['forge', 'forbidden']);
    await openPullRequest({ patch: { ...patch, status: 'abandoned', open: false }, effect, deps });
    assert.equal(log.all().length, 2, 'delivered once more, it does nothing');
  });
});
