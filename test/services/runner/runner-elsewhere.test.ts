import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Bucket } from '../../../services/io/nats/stores/bucket.ts';
import type { Sandbox } from '../../../services/io/sandbox/open-sandbox.ts';
import { sampleData } from '../../events/stored-payloads.ts';
import { until } from '../../support/until.ts';
import { listening, type Stage, withStage } from './runner-stage.ts';

/** Hints in which a service of this version has left its name. */
function hintsOf(version: string): Bucket {
  const value = Buffer.from(version);
  return {
    get: async (key) => (key === 'service-version' ? { value, revision: 1 } : null),
    put: async () => 1,
    create: async () => 1,
    update: async () => 1,
    erase: async () => {},
    entries: async () => new Map(),
  };
}

const { subproject, ...snapshot } = sampleData('JobEnqueued').snapshot;

/** Asks for a job that needs these labels. */
async function enqueueNeeding({ enqueue, log }: Stage, needs: string[]): Promise<string> {
  const plain = await enqueue('true', { priority: 'low', concurrency: {} });
  const { git_url } = (await log.last('JobEnqueued', plain))?.data.snapshot ?? snapshot;
  return enqueue('true', { snapshot: { ...snapshot, git_url, subproject: { ...subproject, needs } } });
}

/** Only its level is asked here. */
const unconfined: Sandbox = {
  level: 'none',
  ...{ homeSeenAt: null, treeSeenAt: null, hasLayers: false, hasOwnUser: false },
  prepare: async () => ({ env: {}, release: async () => {} }),
  close: async () => {},
};

describe('a runner among others', () => {
  it('takes the jobs for which it has the labels, and leaves others to those who have theirs', () =>
    withStage(async (stage) => {
      const { runner, exit, log, leases } = stage;
      await runner({ runner: 'plain', labels: ['go'], findLabels: async () => ['node24'] });
      const java = await enqueueNeeding(stage, ['jdk17']);
      const node = await enqueueNeeding(stage, ['go', 'node24']);
      assert.equal((await exit(node)).exit_code, 0);
      assert.equal((await log.last('RecipeStarted', node))?.data.runner, 'plain');
      assert.equal(await log.last('RecipeStarted', java), null);
      const facts = JSON.parse(Buffer.from((await leases.get('plain'))?.value ?? '').toString());
      assert.deepEqual(facts.labels, ['go', 'node24']);
      await runner({ runner: 'java', labels: ['jdk17'] });
      assert.equal((await exit(java)).exit_code, 0);
      assert.equal((await log.last('RecipeStarted', java))?.data.runner, 'java');
    }));

  it('leaves a job that its sandbox cannot hold to one that can, and refuses it when there is none', () =>
    withStage(async (stage) => {
      const { runner, exit, log, enqueue, dir } = stage;
      const gate = join(dir, 'gate');
      const shut = await runner({ runner: 'shut', slots: 1, sandbox: { ...unconfined, level: 'reduced' } });
      const first = await enqueue(`until test -e ${gate}; do sleep 0.01; done`);
      await until(() => log.last('RecipeStarted', first));
      await runner({ runner: 'open' });
      const { git_url } = (await log.last('JobEnqueued', first))?.data.snapshot ?? snapshot;
      const demanding = { snapshot: { ...snapshot, git_url, subproject, sandbox: 'reduced' as const } };
      const id = await enqueue('true', demanding);
      assert.equal((await exit(await enqueue('true'))).exit_code, 0);
      assert.equal(await log.last('RecipeStarted', id), null);
      writeFileSync(gate, '');
      assert.equal((await exit(id)).exit_code, 0);
      assert.equal((await log.last('RecipeStarted', id))?.data.runner, 'shut');
      await shut.close();
      assert.equal((await exit(await enqueue('true', demanding))).reason, 'sandbox_missing');
    }));

  it('lets jobs finish while it drains and takes no more', () =>
    withStage(async ({ runner, enqueue, exit, log }) => {
      const one = await runner({ slots: 1 });
      const id = await enqueue('sleep 0.3');
      const next = await enqueue('true');
      await until(() => log.last('RecipeStarted', id));
      await one.drain(20_000);
      assert.equal((await exit(id)).exit_code, 0);
      assert.equal(await log.last('RecipeStarted', next), null);
    }));

  it('hands back what has not finished in time, which runs once more elsewhere', () =>
    withStage(async ({ runner, enqueue, exit, log, output }) => {
      const one = await runner({ slots: 1 });
      const id = await enqueue('test -n "$CT_AGAIN" || sleep 3000');
      await until(() => log.last('WorkspacePrepared', id));
      await one.drain(0);
      const { reason, exit_code, detail } = await exit(id);
      assert.deepEqual([reason, exit_code], ['runner_lost', -1]);
      assert.match(detail ?? '', /handed the job back/);
      assert.match(await output(id), /handed the job back: it runs again/);
      const last = await log.at((await log.end()) - 1);
      assert.ok(last?.type === 'JobEnqueued' && last.data.rerun_of === id, last?.type);
      await runner({ environment: { PATH: process.env.PATH ?? '', CT_AGAIN: '1' } });
      assert.equal((await exit(last.entityId)).exit_code, 0);
    }));

  it('takes no job from a service that is two minor releases ahead, and says so', () =>
    withStage(async ({ runner, enqueue, exit, log }) => {
      const { logger, said } = listening();
      const old = await runner({ runner: 'old', version: '1.2.0', hints: hintsOf('1.4.0'), logger });
      assert.match(said.join(), /This runner is 1\.2\.0 and the service 1\.4\.0: it takes no jobs/);
      assert.match(old.status().refusal ?? '', /takes no jobs/);
      const id = await enqueue('true');
      await runner({ runner: 'new', version: '1.3.0', hints: hintsOf('1.4.0') });
      await exit(id);
      assert.equal((await log.last('RecipeStarted', id))?.data.runner, 'new');
    }));
});
