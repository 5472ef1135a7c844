import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teamOfOne } from '../../../events/people/token.ts';
import type { Projection } from '../../../projections/define.ts';
import { projections } from '../../../projections/registry.ts';
import { AppError } from '../../../services/floor/app-error.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
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

/** Counts the minted tokens in memory, and writes them down at the end of each batch; SQLite has no room as often as `full` says. */
function tokensOnFullDisk(full: { times: number }): Projection {
  return {
    name: 'minted',
    version: 1,
    tables: { minted: 'seq' },
    schema: 'CREATE TABLE IF NOT EXISTS minted (seq INTEGER PRIMARY KEY, nth INTEGER NOT NULL) STRICT',
    open: (db) => {
      let nth = db.prepare<[], number>('SELECT count(*) FROM minted').pluck().get() ?? 0;
      const rows: [number, number][] = [];
      return {
        on: {
          TokenMinted: ({ seq }) => {
            nth += 1;
            rows.push([seq, nth]);
          },
        },
        flush: () => {
          for (const row of rows.splice(0)) db.prepare('INSERT INTO minted VALUES (?, ?)').run(...row);
          if (full.times === 0) return;
          full.times -= 1;
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        },
      };
    },
  };
}

/** A log that does not answer who follows it anew as often as it is told, and hands its events over all the same. */
function withSilence(log: EventLog, silence: { times: number }): EventLog {
  return {
    ...log,
    follow: async (options) => {
      const follower = await log.follow(options);
      if (silence.times === 0) return follower;
      silence.times -= 1;
      throw new AppError('unavailable', 'The log does not answer at the moment.');
    },
  };
}

/** Fills the disk under a projector, does something, and answers what the read model holds of six events in the end. */
async function afterFullDisk(
  act: (models: Awaited<ReturnType<typeof startProjector>>) => Promise<unknown>,
  silences = 0,
) {
  return inTempDir(async (dir) => {
    const full = { times: 0 };
    const silence = { times: 0 };
    let read = (): unknown[] => [];
    const projection = tokensOnFullDisk(full);
    const seen: Projection = {
      ...projection,
      open: (db) => {
        read = () => db.prepare('SELECT seq, nth FROM minted ORDER BY seq').raw().all();
        return projection.open(db);
      },
    };
    const memory = memoryEventLog();
    const log = withSilence(memory, silence);
    for (const name of ['first', 'second']) await memory.append(token(name));
    const models = await startProjector({ dir, log, logger: silent, projections: [...projections, seen] });
    full.times = 2;
    silence.times = silences;
    await memory.append(token('third'));
    await until(() => models.status().stopped);
    await memory.append(token('fourth'));
    await act(models);
    for (const [at, name] of ['fifth', 'sixth'].entries()) {
      await memory.append(token(name));
      await until(() => models.seq() === at + 5);
    }
    assert.equal(models.status().stopped, null);
    const found = read();
    await models.close();
    return found;
  });
}

const each = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 5],
  [6, 6],
];

test('each event is in the read model once after a full disk, though the log answered late who followed it again', async () => {
  assert.deepEqual(
    await afterFullDisk(async (models) => until(() => models.seq() === 4 && models.status().stopped === null), 2),
    each,
  );
});

test('a rebuild that has no room either does not make the read model hold an event twice', async () => {
  const found = await afterFullDisk((models) => assert.rejects(models.rebuild(), /disk is full/));
  assert.deepEqual(found, each);
});

test('a rebuild that has room ends the trouble, and nobody follows beside it', async () => {
  const found = await afterFullDisk(async (models) => {
    await until(() => models.rebuild().catch(() => null));
  });
  assert.deepEqual(found, each);
});
