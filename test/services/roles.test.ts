import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '../../services/config-kinds.ts';
import { silent } from '../../services/io/log.ts';
import { roles } from '../../services/registry.ts';
import { start } from '../../services/start.ts';
import { testConfig } from '../support/farm.ts';
import { inTempDir } from '../support/farm-parts.ts';

test('every role is started by the one loop, or is the ground that the others stand on', () => {
  assert.deepEqual([...Object.keys(roles), 'api', 'projector'].sort(), [...roleNames].sort());
});

test('each role runs without the others, and stops', { concurrency: false }, async () => {
  for (const role of Object.keys(roles))
    await inTempDir(async (dir) => {
      const farm = await start(testConfig(dir, { CRAFTING_ROLES: role }), silent);
      assert.deepEqual([farm.url, farm.models === null], [null, role === 'runner'], role);
      await farm.close();
    });
});
