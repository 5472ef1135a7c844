import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { silent } from '../../../services/io/log.ts';
import { type HostModels, openHostModels } from '../../../services/projector/host-models.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { until } from '../../support/until.ts';

const token = (name: string) => sampleDraft('TokenMinted', name, { name });
const lookEveryMs = 20;

type Stage = {
  readonly log: ReturnType<typeof memoryEventLog>;
  readonly dir: string;
  join(isProjector: boolean): Promise<HostModels>;
};

/** A host with processes that come one after another; they share nothing but its folder and the log. */
function onHost(work: (stage: Stage) => Promise<void>): Promise<void> {
  return inTempDir(async (dir) => {
    const log = memoryEventLog();
    const all: HostModels[] = [];
    const join = async (isProjector: boolean) => {
      const one = await openHostModels({ dir, log, logger: silent, isProjector, lookEveryMs });
      all.push(one);
      return one;
    };
    try {
      await work({ log, dir, join });
    } finally {
      for (const one of all) await one.close();
    }
  });
}

const names = (models: HostModels) =>
  models
    .query()
    .tokens.list()
    .map(({ name }) => name)
    .sort();

describe('the processes of a host', () => {
  it('share one file: one writes, the others see what it has applied', () =>
    onHost(async ({ log, join: start }) => {
      await log.append(token('ann'));
      const [writer, reader] = [await start(true), await start(false)];
      assert.deepEqual([writer.host().writes, reader.host().writes], [true, false]);
      assert.deepEqual(names(reader), ['ann']);
      const heard: number[] = [];
      const forget = reader.onCommit((seq) => heard.push(seq));
      const { seq } = await log.append(token('bob'));
      assert.equal(await reader.applied(seq), true);
      assert.deepEqual([names(reader), reader.seq()], [['ann', 'bob'], seq]);
      await until(() => heard.includes(seq), 'whoever listens to a reader to be told');
      forget();
      assert.equal(await reader.applied(seq + 1, 30), false);
    }));

  it('go on with another writer when the one that wrote is closed', () =>
    onHost(async ({ log, join: start }) => {
      const [first, second, third] = [await start(false), await start(false), await start(false)];
      assert.deepEqual([first.host().writes, second.host().writes, third.host().writes], [true, false, false]);
      const heard: number[] = [];
      second.onCommit((seq) => heard.push(seq));
      await first.close();
      await until(() => second.host().writes || third.host().writes, 'another writer');
      const { seq } = await log.append(token('ann'));
      for (const one of [second, third]) {
        assert.equal(await one.applied(seq), true);
        assert.deepEqual(names(one), ['ann']);
      }
      assert.equal(second.host().writes && third.host().writes, false);
      await until(() => heard.includes(seq), 'a listener of before the change to be told');
    }));

  it('let the one with the role projector write as soon as it comes', () =>
    onHost(async ({ log, join: start }) => {
      const standsIn = await start(false);
      assert.equal(standsIn.host().state?.standsIn, true);
      const projector = await start(true);
      await until(() => projector.host().writes, 'the projector to write');
      assert.equal(standsIn.host().writes, false);
      assert.equal(projector.host().state?.standsIn, false);
      const { seq } = await log.append(token('ann'));
      assert.equal(await standsIn.applied(seq), true);
      assert.deepEqual(names(standsIn), ['ann']);
    }));

  it('have a rebuild done by the one that writes, and read what came of it', () =>
    onHost(async ({ log, dir, join: start }) => {
      for (const name of ['ann', 'bob']) await log.append(token(name));
      const [writer, reader] = [await start(true), await start(false)];
      const report = await reader.rebuild({ verify: true });
      assert.deepEqual([report.seq, report.switched, report.differs], [2, true, []]);
      assert.deepEqual(report.after, report.before);
      assert.deepEqual(reader.status().rebuilt?.after, writer.status().rebuilt?.after);
      const { seq } = await log.append(token('cyd'));
      assert.equal(await reader.applied(seq), true);
      assert.deepEqual(names(reader), ['ann', 'bob', 'cyd']);
      assert.deepEqual(
        readdirSync(join(dir, 'projector')).filter((name) => name.startsWith('rebuil')),
        [],
      );
    }));

  it('have a past of their own each, and what processes left that are gone is removed', () =>
    onHost(async ({ log, dir, join: start }) => {
      for (const name of ['ann', 'bob']) await log.append(token(name));
      const [one, other] = [await start(true), await start(false)];
      for (const models of [one, other]) {
        const past = await models.past.open(1);
        assert.deepEqual(
          past.queries.tokens.list().map(({ name }) => name),
          ['ann'],
        );
        past.release();
      }
      assert.ok(existsSync(join(dir, 'history', '1.db')) && existsSync(join(dir, 'history.2', '1.db')));
      await other.close();
      await one.close();
      const next = await start(true);
      (await next.past.open(1)).release();
      assert.deepEqual([existsSync(join(dir, 'history')), existsSync(join(dir, 'history.2'))], [true, false]);
    }));
});
