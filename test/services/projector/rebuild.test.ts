import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { projections } from '../../../projections/registry.ts';
import { AppError } from '../../../services/floor/app-error.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { silent } from '../../../services/io/log.ts';
import { checksumsOf, openReadStore } from '../../../services/io/read-store.ts';
import { openApplier } from '../../../services/projector/apply-events.ts';
import { type RunningProjector, startProjector } from '../../../services/projector/projector.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { until } from '../../support/until.ts';
import { histories } from './event-history.ts';

const token = (name: string) => sampleDraft('TokenMinted', name, { name });

async function withProjector<T>(
  setting: { dir: string; log: EventLog },
  work: (models: RunningProjector) => Promise<T>,
): Promise<T> {
  const models = await startProjector({ ...setting, logger: silent });
  try {
    return await work(models);
  } finally {
    await models.close();
  }
}

/** The checksums of all tables after these events, committed after every `batch` of them. */
async function sumsOf(dir: string, log: ReturnType<typeof memoryEventLog>, batch: number) {
  const file = join(dir, `${crypto.randomUUID()}.db`);
  const store = openReadStore(file, projections);
  const applier = openApplier(store, projections);
  for (const event of log.all()) {
    applier.add(event);
    if (applier.pending() >= batch) applier.commit();
  }
  applier.commit();
  const { seq } = store.checkpoint();
  store.close();
  assert.equal(seq, await log.end());
  return checksumsOf(file, projections);
}

describe('the read models', () => {
  it('are the same whatever the batches in which a history was applied', () =>
    inTempDir((dir) =>
      fc.assert(
        fc.asyncProperty(histories, fc.integer({ min: 2, max: 20 }), async (history, batch) => {
          const log = memoryEventLog();
          fc.pre(history.length > 0);
          for (const draft of history) await log.append(draft);
          const all = await sumsOf(dir, log, Number.POSITIVE_INFINITY);
          assert.deepEqual(await sumsOf(dir, log, 1), all, 'one by one');
          assert.deepEqual(await sumsOf(dir, log, batch), all, `by ${batch}`);
        }),
        { numRuns: 40 },
      ),
    ));

  it('are the same after a rebuild, and go on from there', () =>
    inTempDir(async (dir) => {
      const log = memoryEventLog();
      const [history = []] = fc.sample(histories, { numRuns: 1, seed: 7 });
      for (const draft of history) await log.append(draft);
      await withProjector({ dir, log }, async (models) => {
        const report = await models.rebuild();
        assert.deepEqual(report.after, report.before);
        assert.equal(report.seq, await log.end());
        const { seq } = await log.append(token('after'));
        assert.equal(await models.applied(seq), true);
        assert.ok(models.query().tokens.find('after'));
        assert.equal(models.status().rebuilding, null);
      });
    }));

  it('take events that come while they are rebuilt once', () =>
    inTempDir(async (dir) => {
      const log = memoryEventLog();
      for (let n = 0; n < 100; n += 1) await log.append(token(`t${n}`));
      await withProjector({ dir, log }, async (models) => {
        const rebuilding = models.rebuild();
        for (let n = 0; n < 50; n += 1) await log.append(token(`u${n}`));
        await rebuilding;
        assert.equal(await models.applied(150), true);
        assert.equal(models.query().tokens.list().length, 150);
      });
    }));

  it('go on as before when a rebuild fails, each event applied once', () =>
    inTempDir(async (dir) => {
      const inner = memoryEventLog();
      let failing = false;
      let followers = 0;
      const log: EventLog = {
        ...inner,
        follow: async (options) => {
          if (failing && options.from === 1) throw new AppError('unavailable', 'not now');
          followers += 1;
          const follower = await inner.follow(options);
          return {
            ...follower,
            stop: async () => {
              followers -= 1;
              await follower.stop();
            },
          };
        },
      };
      await inner.append(token('a'));
      await withProjector({ dir, log }, async (models) => {
        failing = true;
        await assert.rejects(models.rebuild(), /not now/);
        failing = false;
        assert.equal(followers, 1, 'one follower feeds the read model');
        const { seq } = await inner.append(token('b'));
        assert.equal(await models.applied(seq), true);
        assert.equal(models.status().rebuilding, null);
        await models.rebuild();
        assert.equal(models.query().tokens.list().length, 2);
      });
    }));

  it('are built anew when they were made by other versions', () =>
    inTempDir(async (dir) => {
      const log = memoryEventLog();
      await log.append(token('a'));
      await withProjector({ dir, log }, async () => {});
      const [first, ...others] = projections;
      assert.ok(first);
      const older = openReadStore(join(dir, 'read-model.db'), [{ ...first, version: 0 }, ...others]);
      assert.equal(older.current, false);
      older.db.prepare("UPDATE checkpoint SET versions = 'of long ago'").run();
      older.db.prepare('DELETE FROM tokens').run();
      older.close();
      await withProjector({ dir, log }, async (models) => {
        await until(() => models.query().tokens.list().length === 1, 'the new read model');
      });
    }));

  it('refuse a log that was rolled back or exchanged, in a sentence', () =>
    inTempDir(async (dir) => {
      const log = memoryEventLog();
      await log.append(token('a'));
      await log.append(token('b'));
      await withProjector({ dir, log }, async () => {});
      const shorter = memoryEventLog();
      await shorter.append(token('a'));
      await assert.rejects(
        startProjector({ dir, log: shorter, logger: silent }),
        /holds event 2, the log ends before it: the log was rolled back/,
      );
      await shorter.append(token('c'));
      await assert.rejects(startProjector({ dir, log: shorter, logger: silent }), /the log has another one there/);
    }));

  it('stop loudly at an event that cannot be opened, and keep what came before it', () =>
    inTempDir(async (dir) => {
      const inner = memoryEventLog();
      await inner.append(token('a'));
      let poison = false;
      const log: EventLog = {
        ...inner,
        follow: (options) =>
          inner.follow({
            ...options,
            onEvent: (event) => {
              if (poison) throw new Error(`sequence ${event.seq}: cannot be opened`);
              options.onEvent(event);
            },
          }),
      };
      const errors: unknown[] = [];
      const models = await startProjector({ dir, log, logger: silent, onStopped: (error) => errors.push(error) });
      poison = true;
      await inner.append(token('b'));
      await until(() => errors.length > 0, 'the stop');
      assert.match(models.status().stopped ?? '', /sequence 2: cannot be opened/);
      assert.equal(models.status().seq, 1);
      assert.equal(models.query().tokens.list().length, 1);
      await models.close();
    }));
});
