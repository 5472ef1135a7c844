import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { inTempDir } from '../support/farm-parts.ts';
import { until } from '../support/until.ts';
import { openReceiver } from '../support/webhook-receiver.ts';
import { postJob, registerProject, startService } from './service-process.ts';

const env = { CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' };
const rounds = 4;

it('tells every event once and in order over kill -9, and again at most the one that was on its way', () =>
  inTempDir(async (dir) => {
    const receiver = await openReceiver();
    const data = mkdtempSync(join(dir, 'data-'));
    const webhooks = [{ url: receiver.url, on: ['JobEnqueued', 'RecipeExited', 'FindingsParsed'] }];
    let service = await startService(data, env);
    try {
      await registerProject(service, dir, 'true', { notify: { webhooks } });
      for (let round = 1; round <= rounds; round += 1) {
        const heard = receiver.received.length;
        const posts = Array.from({ length: 8 }, () => postJob(service));
        // In the middle: some are told, others wait.
        await until(() => receiver.received.length >= heard + 3 + round, 'some notices');
        await service.end('SIGKILL');
        await Promise.all(posts);
        service = await startService(data, env);
      }
      const state = async () =>
        ((await service.call('/projects/p/webhooks')).body.webhooks as { pending: number }[])[0]?.pending;
      const jobs = async () => (await service.call('/healthz')).body.jobs;
      await until(async () => Object.keys((await jobs()) ?? {}).length === 0, 'the end of all jobs');
      await until(async () => (await state()) === 0, 'an empty queue');
      const expected = (await service.events())
        .filter(({ type }) => webhooks[0]?.on.includes(type))
        .map(({ seq }) => seq);
      const seqs = receiver.received.map(({ body }) => Number(body.seq));
      const firsts = seqs.filter((seq, index) => seqs.indexOf(seq) === index);
      assert.deepEqual(firsts, expected);
      assert.ok(seqs.length - firsts.length <= rounds, `${seqs.length - firsts.length} came twice in ${rounds} rounds`);
      for (const [index, seq] of seqs.entries()) if (index > 0) assert.ok(seq >= (seqs[index - 1] ?? 0), 'in order');
    } finally {
      await service.end('SIGTERM');
      await receiver.close();
    }
  }));
