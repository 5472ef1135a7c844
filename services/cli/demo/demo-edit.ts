import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { counted } from '../../floor/text/counted.ts';
import { runProgram } from '../../io/programs/run-program.ts';
import type { ApiClient } from '../farm/api-client.ts';

const from = 'web/src/banner.js';
const to = 'web/src/promo.js';
const inserted = Array.from({ length: 4 }, (_, line) => `// Note ${line + 1}\n`).join('');

/** Moves a file of the sample and pushes its lines down, as people do all day. */
async function editSample(dir: string): Promise<void> {
  await writeFile(join(dir, from), inserted + (await readFile(join(dir, from), 'utf8')));
  await rename(join(dir, from), join(dir, to));
  const person = ['-c', 'user.name=Corner Shop', '-c', 'user.email=shop@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) => runProgram('git', ['-C', dir, ...person, ...args], { env: process.env });
  await git('add', '--all');
  await git('commit', '--quiet', '--no-verify', '--message=Say more about the banner');
}

/** The second act of the demo: after the edit, the same findings are found again, and none of them is new. */
export async function showIdentities(
  dir: string,
  project: string,
  api: ApiClient,
  say: (line: string) => void,
): Promise<void> {
  await editSample(dir);
  const { job_id } = await api.post<{ job_id: string }>(`/projects/${project}/jobs`, {
    recipe: 'lint',
    subproject: 'web',
  });
  let job: JobDoc;
  do ({ job } = await api.get<{ job: JobDoc }>(`/jobs/${job_id}`));
  while (!['succeeded', 'failed', 'cancelled'].includes(job.status));
  const { findings_count: all, new_findings_count: fresh, resolved_findings_count: gone } = job;
  say('');
  say(`Edited      ${from} is now ${to}, with 4 lines more at its top; lint of web again:`);
  say(
    `            ${counted(all, 'finding')}, ${all - fresh} of them the same as before, ${fresh} new, ${gone} closed`,
  );
}
