import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JobDoc } from '../../../projections/jobs.ts';
import { watchJobs } from '../../../services/cli/demo/demo-progress.ts';
import type { ApiClient } from '../../../services/cli/farm/api-client.ts';

it('leaves an interrupt to the demo, which has a folder to remove, while the spinners turn', async () => {
  const before = process.listeners('SIGINT');
  const added: unknown[] = [];
  const job = { job_id: 'one', subproject: 'web', recipe: 'lint', language: 'javascript', status: 'running' } as JobDoc;
  let looks = 0;
  const get = async () => {
    added.push(...process.listeners('SIGINT').filter((listener) => !before.includes(listener)));
    looks += 1;
    return { job: looks < 4 ? job : { ...job, status: 'succeeded', findings_count: 0, duration_ms: 5 } };
  };
  const ended = await watchJobs({ get } as unknown as ApiClient, [job], 'spinners', () => {});
  assert.equal(ended[0]?.status, 'succeeded');
  assert.deepEqual(added, []);
});
