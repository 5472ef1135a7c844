import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { levelTrouble } from '../services/io/sandbox/cell-scene.ts';
import { signalDone } from '../support/bottle-life.ts';
import { makeRepository } from '../support/git-repository.ts';
import { until } from '../support/until.ts';
import { type Service, startService } from './service-process.ts';

const skip = (await levelTrouble('bwrap')) ?? false;
const env = { CRAFTING_SANDBOX: 'bwrap' };

const seen = (service: Service, type: string, count = 1) =>
  until(async () => {
    const found = (await service.events()).filter((event) => event.type === type);
    return found.length >= count ? found : undefined;
  }, type);

test('a bottle whose service is killed works again from its beginning, and ends once', { skip }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ct-bottle-killed-'));
  try {
    const git_url = makeRepository(join(dir, 'repository'), { 'sum.txt': '1\n' });
    const data = join(dir, 'data');
    await mkdir(data);
    // It waits for as long as the farm is to be killed in: the second time, too.
    const program = `echo 2 >> sum.txt; bottle report_progress text=begun; sleep 4; ${signalDone}`;
    const subprojects = [{ path: '.', language: 'shell', test: 'true' }];
    let service = await startService(data, env);
    try {
      const agents = { slow: { program, time_limit_secs: 120 } };
      assert.equal((await service.call('/projects', { name: 'p', git_url, subprojects, agents })).status, 201);
      const { body } = await service.call('/bottles', { project: 'p', agent: 'slow', prompt: 'Go.' });
      const { id } = body['bottle'] as { id: string };
      await seen(service, 'BottleCalled');
      await service.end('SIGKILL');
      service = await startService(data, env);
      const [ended] = await seen(service, 'AgentRunEnded');
      assert.deepEqual([ended?.data['ended'], ended?.data['bottle_id']], ['done', id]);
      const { body: left } = await service.call(`/bottles/${id}/diff`);
      assert.match(String(left['diff']), /^\+2\n$/m);
      // Killed once more when all is said: nothing is said again.
      await service.end('SIGKILL');
      service = await startService(data, env);
      const events = await service.events();
      const count = (type: string) => events.filter((event) => event.type === type).length;
      assert.deepEqual(['AgentRunStarted', 'AgentRunDone', 'AgentRunEnded'].map(count), [2, 1, 1]);
    } finally {
      await service.end('SIGKILL');
    }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});
