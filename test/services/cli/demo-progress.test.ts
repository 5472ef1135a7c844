import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { progressStyle, watchJobs } from '../../../services/cli/demo/demo-progress.ts';
import type { ApiClient, StreamOptions } from '../../../services/cli/farm/api-client.ts';

const job = { job_id: 'one', subproject: 'web', recipe: 'lint', language: 'javascript', status: 'running' } as JobDoc;

/** A service of which every question is counted, and whose stream says something each time it is asked. */
function farmOf(answer: (looks: number) => JobDoc[]) {
  const asked = { looks: 0, streams: 0 };
  const client = {
    all: async () => answer(++asked.looks),
    stream: async (_path: string, { signal }: StreamOptions) => {
      asked.streams += 1;
      return (async function* () {
        for (let id = 1; !signal?.aborted; id += 1) {
          yield `id: ${id}\ndata: {}\n\n`;
          await turn();
        }
      })();
    },
  };
  return { asked, api: client as unknown as ApiClient };
}

it('leaves an interrupt to the demo, which has a folder to remove, while the spinners turn', async () => {
  const before = process.listeners('SIGINT');
  const added: unknown[] = [];
  const { api } = farmOf((looks) => {
    added.push(...process.listeners('SIGINT').filter((listener) => !before.includes(listener)));
    return [looks < 3 ? job : { ...job, status: 'succeeded', findings_count: 0, duration_ms: 5 }];
  });
  const ended = await watchJobs(api, [job], { project: 'own', style: 'spinners', print: () => {} });
  assert.equal(ended[0]?.status, 'succeeded');
  assert.deepEqual(added, []);
});

it('asks one question for all jobs, and listens to one stream, however many jobs there are', async () => {
  const jobs = Array.from({ length: 200 }, (_, at) => ({ ...job, job_id: `job-${at}` }));
  const { api, asked } = farmOf((looks) =>
    jobs.map((one, at) => (looks > at / 50 ? { ...one, status: 'succeeded', findings_count: 0 } : one)),
  );
  const ended = await watchJobs(api, jobs, { project: 'own', style: 'lines', print: () => {} });
  assert.equal(ended.filter(({ status }) => status === 'succeeded').length, 200);
  assert.ok(asked.looks <= 5, `${asked.looks} questions`);
  assert.equal(asked.streams, 1);
});

it('answers an interrupt with the jobs as they are, those that have ended and those that have not', async () => {
  const jobs = [job, { ...job, job_id: 'two' }];
  const interruption = new AbortController();
  const { api } = farmOf(() => [
    { ...job, status: 'failed', findings_count: 3 },
    { ...job, job_id: 'two' },
  ]);
  const print = (line: string) => line.includes('failed') && interruption.abort();
  const { signal } = interruption;
  const left = await watchJobs(api, jobs, { project: 'own', style: 'lines', print, signal });
  assert.deepEqual(
    left.map(({ status }) => status),
    ['failed', 'running'],
  );
});

it('ticks no job off that had not ended at an interrupt', async (context) => {
  const interruption = new AbortController();
  const { signal } = interruption;
  const two = { ...job, job_id: 'two', subproject: 'api', status: 'queued' } as JobDoc;
  const { api } = farmOf((looks) => {
    if (looks > 1) interruption.abort();
    return [{ ...job, status: 'succeeded', findings_count: 0, duration_ms: 5 }, two];
  });
  const shown: string[] = [];
  const write = context.mock.method(process.stdout, 'write', (text: unknown) => shown.push(String(text)) > 0);
  await watchJobs(api, [job, two], { project: 'own', style: 'spinners', print: () => {}, signal });
  write.mock.restore();
  const lines = shown.join('').split('\n');
  assert.ok(lines.some((line) => /✔.* web .*succeeded/.test(line)));
  assert.ok(
    lines.some((line) => /api .*was queued/.test(line)),
    lines.join('|'),
  );
  assert.deepEqual(
    lines.filter((line) => /✔.* api /.test(line)),
    [],
  );
});

it('shows lines where spinners have no room', () => {
  const styles = [undefined, 0, 39, 40, 200].map((columns) =>
    progressStyle({ isTTY: true, ...(columns === undefined ? {} : { columns }) }),
  );
  assert.deepEqual(styles, ['lines', 'lines', 'lines', 'spinners', 'spinners']);
  assert.equal(progressStyle({ columns: 200 }), 'lines');
});
