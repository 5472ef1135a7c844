import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { teamOfOne } from '../../../events/people/token.ts';
import { silent } from '../../../services/io/log.ts';
import { startProjector } from '../../../services/projector/projector.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { until } from '../../support/until.ts';

const token = (name: string) => ({
  type: 'TokenMinted' as const,
  id: name,
  data: { name, sha256: 'a'.repeat(64), is_admin: false, ip_cidrs: [], ...teamOfOne(name) },
});

async function withOldReadModel(dir: string, spoil: (db: Database.Database) => void) {
  const log = memoryEventLog();
  await log.append(token('first'));
  const before = await startProjector({ dir, log, logger: silent });
  await before.close();
  const db = new Database(join(dir, 'read-model.db'));
  db.exec("UPDATE checkpoint SET versions = 'tokens@0'");
  spoil(db);
  db.close();
  await log.append(token('second'));
  return log;
}

test('read models of another version go on answering until those of this version are built', async () => {
  await inTempDir(async (dir) => {
    const log = await withOldReadModel(dir, () => {});
    const models = await startProjector({ dir, log, logger: silent });
    const namesAtOnce = models
      .query()
      .tokens.list()
      .map(({ name }) => name);
    assert.deepEqual(namesAtOnce, ['first'], 'what the old file knows is served at once');
    assert.ok(await models.applied(2, 5_000));
    assert.deepEqual(
      models
        .query()
        .tokens.list()
        .map(({ name }) => name),
      ['first', 'second'],
    );
    await log.append(token('third'));
    await until(() => models.query().tokens.find('third'));
    assert.equal(models.status().stopped, null);
    await models.close();
  });
});

test('tables that this version cannot ask are built anew before anything is served', async () => {
  await inTempDir(async (dir) => {
    const log = await withOldReadModel(dir, (db) => db.exec('DROP TABLE findings'));
    const models = await startProjector({ dir, log, logger: silent });
    assert.deepEqual(
      models
        .query()
        .tokens.list()
        .map(({ name }) => name),
      ['first', 'second'],
    );
    await models.close();
  });
});
