import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rekey } from '../../../services/cli/offline/rekey.ts';
import { openFarm, startIn } from '../../support/farm.ts';

const newKey = 'f'.repeat(64);

test('everything that is sealed is sealed anew: with a key of the data folder, and with one of the environment', async () => {
  const farm = await openFarm({ env: { CRAFTING_ROLES: 'api,projector' } });
  try {
    const put = await farm.http('PUT', '/admin/secrets/NPM_TOKEN', { body: { value: 'sesame-open-42' } });
    assert.equal(put.status, 200, put.text);
    const left = await farm.store.bottles.put(Buffer.from('what a bottle left'));
    const env = { CRAFTING_DATA_DIR: farm.dataDir, PATH: process.env.PATH ?? '' };
    const file = join(farm.dataDir, 'secret.key');
    await assert.rejects(
      rekey(env, () => {}),
      /in use/,
    );
    await farm.stop();
    const before = readFileSync(file, 'utf8').trim();
    // As a call that was cut off after its first step leaves it: both keys, nothing sealed anew yet.
    writeFileSync(file, `${newKey}\n${before}\n`);
    const said: string[] = [];
    assert.equal(await rekey(env, (line) => said.push(line)), 0);
    assert.match(said.join(), /sealed 2 values with a new key/);
    assert.equal(readFileSync(file, 'utf8').trim(), newKey);
    const valueIn = async (more: Record<string, string> = {}) => {
      const again = await startIn(farm.dir, { CRAFTING_ROLES: 'api,projector', ...more });
      const found = again.models?.query().secrets.find({ layer: 'farm', of: null, name: 'NPM_TOKEN' });
      const value = await again.store.vault.get(found?.value_ref ?? '').catch((error) => String(error));
      const bottle = await again.store.bottles.get(left);
      assert.equal(String(bottle), typeof value === 'string' && /erased/.test(value) ? 'null' : 'what a bottle left');
      await again.close();
      return value;
    };
    assert.equal(await valueIn(), 'sesame-open-42');
    await assert.rejects(valueIn({ CRAFTING_SECRET_KEY: before }), /is not the one with which this farm's secrets are/);
    const third = 'a'.repeat(64);
    assert.equal(await valueIn({ CRAFTING_SECRET_KEY: `${third},${newKey}` }), 'sesame-open-42');
    await rekey({ ...env, CRAFTING_SECRET_KEY: `${third},${newKey}` }, () => {});
    assert.equal(await valueIn({ CRAFTING_SECRET_KEY: third }), 'sesame-open-42');
    await assert.rejects(
      rekey({ ...env, CRAFTING_SECRET_KEY: third }, () => {}),
      /the new key, a comma and the old one/,
    );
    // Both keys are lost: what they sealed is given up when that is asked for, and the farm starts again.
    const fourth = { CRAFTING_SECRET_KEY: 'b'.repeat(64) };
    await assert.rejects(valueIn(fourth), /rekey --forget-lost/);
    await rekey({ ...env, ...fourth }, (line) => said.push(line), { forgetLost: true });
    assert.match(said.join(), /removed 2 values that no key opens/);
    assert.match(await valueIn(fourth), /was erased/);
  } finally {
    await farm.close();
  }
});
