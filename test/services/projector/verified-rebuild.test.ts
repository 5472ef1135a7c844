import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import type { Projection } from '../../../projections/define.ts';
import { projections } from '../../../projections/registry.ts';
import { silent } from '../../../services/io/log.ts';
import { type RunningProjector, startProjector } from '../../../services/projector/projector.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';

const token = (name: string) => sampleDraft('TokenMinted', name, { name });

/** A read model that writes what does not follow from the event. */
const careless: Projection = {
  name: 'careless',
  version: 1,
  tables: { careless: 'seq' },
  schema: 'CREATE TABLE IF NOT EXISTS careless (seq INTEGER PRIMARY KEY, word TEXT NOT NULL);',
  open: (db) => {
    const write = db.prepare('INSERT INTO careless VALUES (?, ?)');
    return { flush: () => {}, on: { TokenMinted: ({ seq }) => void write.run(seq, crypto.randomUUID()) } };
  },
};

async function withTokens(
  models: readonly Projection[],
  work: (projector: RunningProjector, log: ReturnType<typeof memoryEventLog>, dir: string) => Promise<void>,
): Promise<void> {
  await inTempDir(async (dir) => {
    const log = memoryEventLog();
    for (const name of ['a', 'b', 'c']) await log.append(token(name));
    const projector = await startProjector({ dir, log, logger: silent, projections: models });
    await work(projector, log, dir).finally(() => projector.close());
  });
}

it('a rebuild that is verified takes the place of the serving read model when two replays are equal', () =>
  withTokens(projections, async (projector, log, dir) => {
    const report = await projector.rebuild({ verify: true });
    assert.deepEqual([report.switched, report.differs, report.seq], [true, [], 3]);
    assert.deepEqual(report.after, report.before);
    assert.deepEqual(projector.status().rebuilt, report);
    const { seq } = await log.append(token('d'));
    assert.equal(await projector.applied(seq), true);
    assert.deepEqual(
      readdirSync(dir).filter((name) => /next|verify/.test(name)),
      [],
    );
  }));

it('a read model that two replays fill differently is refused by name, and the one that served goes on', () =>
  withTokens([...projections, careless], async (projector, log, dir) => {
    const before = projector.query();
    const { switched, differs, before: replaced } = await projector.rebuild({ verify: true });
    assert.deepEqual([switched, differs, replaced], [false, ['careless'], {}]);
    assert.equal(projector.query(), before);
    const { seq } = await log.append(token('d'));
    assert.equal(await projector.applied(seq), true);
    assert.equal(projector.query().tokens.list().length, 4);
    assert.deepEqual(
      readdirSync(dir).filter((name) => /next|verify/.test(name)),
      [],
    );
    assert.equal((await projector.rebuild()).switched, true, 'unverified it is taken as before');
  }));

it('who asks for a verified rebuild while another runs gets a verified one, and all others share what runs', () =>
  withTokens([...projections, careless], async (projector) => {
    const [first, second, third] = await Promise.all([
      projector.rebuild(),
      projector.rebuild(),
      projector.rebuild({ verify: true }),
    ]);
    assert.equal(first, second);
    assert.deepEqual([first.switched, third.switched], [true, false]);
  }));
