import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { apiClient } from '../cli/farm/api-client.ts';

type Job = { readonly status: string; readonly runner: string | null; readonly sandbox: string | null };

/** More than one farm's slots, and long enough that none of them is free again at once. */
const atOnce = 6;

/**
 * Runs jobs of one project through the API of this container's farm, on as many runners as there are. Says how that went.
 * @param gitUrl a repository whose `hello.txt` the jobs read
 */
async function someJobs(gitUrl: string, say: (line: string) => void): Promise<number> {
  const farm = `http://127.0.0.1:${process.env['CRAFTING_PORT'] || '8810'}`;
  const api = apiClient(farm, readFileSync('/data/admin-bearer.txt', 'utf8').trim());
  const name = `one-${randomUUID().slice(0, 8)}`;
  const test =
    'cat hello.txt; id -u; ls /data 2>&1; cat /auth/farm.creds 2>&1; test -r /proc/1/environ && echo leak; sleep 1';
  await api.post('/projects', {
    name,
    git_url: gitUrl,
    subprojects: [{ path: '.', language: 'shell', test: `${test}; true` }],
  });
  const enqueue = async () => (await api.post<{ job_id: string }>(`/projects/${name}/jobs`, { recipe: 'test' })).job_id;
  const ids = await Promise.all(Array.from({ length: atOnce }, enqueue));
  const ended = ids.map(async (id) => {
    let log = '';
    for await (const text of await api.stream(`/jobs/${id}/log?follow=1`)) log += text;
    return { log, job: (await api.get<{ job: Job }>(`/jobs/${id}`)).job };
  });
  const all = await Promise.all(ended);
  await api.delete(`/projects/${name}`);
  const runners = new Set(all.map(({ job }) => job.runner));
  const levels = new Set(all.map(({ job }) => job.sandbox));
  const good = all.filter(({ job, log }) => job.status === 'succeeded' && log.includes('hello from the repository'));
  say(`${good.length} of ${atOnce} jobs succeeded, on ${runners.size} runners, sandbox ${[...levels].join(', ')}`);
  for (const line of (all.find((one) => !good.includes(one)) ?? all[0])?.log.trimEnd().split('\n') ?? [])
    say(`  | ${line}`);
  return good.length === atOnce ? 0 : 1;
}

if (import.meta.main) process.exit(await someJobs(process.argv[2] ?? '', (line) => process.stdout.write(`${line}\n`)));
