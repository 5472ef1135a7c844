import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { openGiteaForge } from '../../../../services/io/forge/gitea-forge.ts';
import { scopedForge } from '../../../../services/io/forge/scoped-forge.ts';
import { scopedStatus } from '../../../../services/io/forge/scoped-status.ts';
import { startForgeServer } from '../../../support/forge-server.ts';

const text = { title: 'Fix', body: 'Why' };
const pull = { ...text, head: 'auto/1', base: 'main', labels: [], assignees: [] };

async function begin(context: TestContext, number: number | null = null) {
  const server = await startForgeServer(context, { token: 'abcdef' });
  const forge = openGiteaForge({ url: server.url, token: 'abcdef', repository: 'acme/shop' });
  const refused: string[][] = [];
  const scope = { branch: 'auto/1', base: 'main', number };
  const scoped = scopedForge(forge, scope, async (...what) => void refused.push(what));
  return { server, forge, scoped, refused };
}
const status = { sha: 'a'.repeat(40), context: 'x', state: 'success', description: '', url: null } as const;
const isForbidden = (error: unknown): boolean => isAppError(error, 'forbidden');

describe('a scoped forge', () => {
  it('opens, changes and comments the pull request of its own branch', async (context) => {
    const { scoped, refused, server } = await begin(context);
    const { number } = await scoped.openPull(pull);
    await scoped.updatePull(number, { title: 'Fix more', body: '' });
    await scoped.comment(number, 'Done');
    assert.deepEqual([server.pulls[0]?.title, server.pulls[0]?.comments, refused], ['Fix more', ['Done'], []]);
  });

  it('owns what it finds for its own branch, and the number that it is given', async (context) => {
    const first = await begin(context);
    await first.forge.openPull(pull);
    await first.scoped.findPull('auto/1', 'main');
    await first.scoped.comment(1, 'x');
    const second = await begin(context, 1);
    await second.forge.openPull(pull);
    await second.scoped.updatePull(1, text);
  });

  it('refuses every other write before the forge is asked, and says so first', async (context) => {
    const { server, forge, scoped, refused } = await begin(context);
    await forge.openPull({ ...pull, head: 'people/work' });
    const before = JSON.stringify(server.calls);
    await assert.rejects(scoped.openPull({ ...pull, head: 'main' }), isForbidden);
    await assert.rejects(scoped.openPull({ ...pull, base: 'release' }), isForbidden);
    await assert.rejects(scoped.updatePull(1, text), isForbidden);
    await assert.rejects(scoped.comment(1, 'x'), isForbidden);
    await assert.rejects(scoped.setStatus(status), isForbidden);
    assert.equal(JSON.stringify(server.calls), before);
    assert.deepEqual(
      refused.map(([operation, target]) => `${operation} ${target}`),
      [
        'openPull main into main',
        'openPull auto/1 into release',
        'updatePull #1',
        'comment #1',
        `setStatus ${status.sha} x`,
      ],
    );
  });

  it('reads anything, and does not come to own it', async (context) => {
    const { forge, scoped } = await begin(context);
    await forge.openPull({ ...pull, head: 'people/work' });
    assert.equal((await scoped.readPull(1))?.number, 1);
    assert.equal((await scoped.findPull('people/work', 'main'))?.number, 1);
    await assert.rejects(scoped.comment(1, 'x'), isForbidden);
  });

  it('lets a job speak of its own commit in its own context alone', async (context) => {
    const { forge, server } = await begin(context);
    const own = scopedStatus(forge, { sha: status.sha, context: 'x' });
    await own.setStatus(status);
    await assert.rejects(own.setStatus({ ...status, sha: 'b'.repeat(40) }), isForbidden);
    await assert.rejects(own.setStatus({ ...status, context: 'y' }), isForbidden);
    assert.equal(server.statuses.length, 1);
  });
});
