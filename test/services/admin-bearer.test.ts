import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { ensureAdminBearer } from '../../services/admin-bearer.ts';
import { hashBearer } from '../../services/floor/bearer-hash.ts';
import { silent } from '../../services/io/log.ts';
import { startProjector } from '../../services/projector/projector.ts';
import { withNats } from '../support/farm-parts.ts';

it('belongs to the data folder that made it, and no other service on the log takes it away', () =>
  withNats(async ({ dir, log }) => {
    const [first, second] = ['first', 'second'].map((name) => join(dir, name)) as [string, string];
    for (const folder of [first, second]) mkdirSync(folder);
    const models = await startProjector({ dir: first, log, logger: silent });
    const ensure = (folder: string, ownLog = false) => ensureAdminBearer(folder, { log, models, ownLog });
    const fileOf = (folder: string) => join(folder, 'admin-bearer.txt');
    const bearerIn = (folder: string) => readFileSync(fileOf(folder), 'utf8').trim();
    const isValid = (bearer: string) => models.query().tokens.find('admin')?.sha256 === hashBearer(bearer);
    try {
      assert.equal(await ensure(first), fileOf(first));
      const made = bearerIn(first);
      assert.equal(await ensure(second), null, 'it has none, and makes none');
      assert.ok(isValid(made), 'the first one goes on');
      copyFileSync(fileOf(first), fileOf(second));
      assert.equal(await ensure(second), fileOf(second), 'it was given the bearer');
      rmSync(fileOf(second));
      assert.equal(await ensure(second), null, 'and may not replace it');
      rmSync(fileOf(first));
      assert.equal(await ensure(first), fileOf(first), 'the one that made it may');
      assert.ok(isValid(bearerIn(first)) && !isValid(made));
      rmSync(join(first, 'admin-bearer.sha256'));
      rmSync(fileOf(first));
      assert.equal(await ensure(first, true), fileOf(first), 'a log of its own is proof enough');
      assert.equal(await log.end(), 3);
    } finally {
      await models.close();
    }
  }));
