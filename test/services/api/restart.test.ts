import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startIn } from '../../support/farm.ts';
import { inTempDir } from '../../support/farm-parts.ts';

test('an admin bearer that was revoked does not come back with a restart; the file holds a new one', async () => {
  await inTempDir(async (dir) => {
    const first = await startIn(dir);
    const revoked = first.admin;
    assert.equal((await first.http('DELETE', '/admin/tokens/admin')).status, 200);
    assert.equal((await first.http.get('/projects')).status, 401);
    await first.close();
    const second = await startIn(dir);
    try {
      assert.equal((await second.http.get('/projects', { bearer: revoked })).status, 401);
      assert.notEqual(second.admin, revoked);
      assert.equal((await second.http.get('/projects')).status, 200);
    } finally {
      await second.close();
    }
  });
});
