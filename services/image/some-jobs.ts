import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

type Job = { readonly status: string; readonly runner: string | null; readonly sandbox: string | null };

/** More than one farm's slots, and long enough that none of them is free again at once. */
const atOnce = 6;

/**
 * Runs jobs of one project from its registration to their end through the API of this container's farm, on as many
 * runners as there are, and says how that went.
 * @param gitUrl a repository whose `hello.txt` the jobs read
 */
export async function someJobs(gitUrl: string, say: (line: string) => void): Promise<number> {
  const farm = `http://127.0.0.1:${process.env['CRAFTING_PORT'] || '8810'}`;
  const bearer = readFileSync('/data/admin-bearer.txt', 'utf8').trim();
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${farm}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text;
  };
  const name = `one-${randomUUID().slice(0, 8)}`;
  const test =
    'cat hello.txt; id -u; ls /data 2>&1; cat /auth/farm.creds 2>&1; test -r /proc/1/environ && echo leak; sleep 1';
  await ask('POST', '/projects', {
    name,
    git_url: gitUrl,
    subprojects: [{ path: '.', language: 'shell', test: `${test}; true` }],
  });
  const enqueue = async () =>
    JSON.parse(await ask('POST', `/projects/${name}/jobs`, { recipe: 'test' })).job_id as string;
  const ids = await Promise.all(Array.from({ length: atOnce }, enqueue));
  const ended = ids.map(async (id) => {
    const log = await ask('GET', `/jobs/${id}/log?follow=1`);
    return { log, job: (JSON.parse(await ask('GET', `/jobs/${id}`)) as { job: Job }).job };
  });
  const all = await Promise.all(ended);
  await ask('DELETE', `/projects/${name}`);
  const runners = new Set(all.map(({ job }) => job.runner));
  const levels = new Set(all.map(({ job }) => job.sandbox));
  const good = all.filter(({ job, log }) => job.status === 'succeeded' && log.includes('hello from the repository'));
  say(`${good.length} of ${atOnce} jobs succeeded, on ${runners.size} runners, sandbox ${[...levels].join(', ')}`);
  for (const line of (all.find((one) => !good.includes(one)) ?? all[0])?.log.trimEnd().split('\n') ?? [])
    say(`  | ${line}`);
  return good.length === atOnce ? 0 : 1;
}

if (import.meta.main) process.exit(await someJobs(process.argv[2] ?? '', (line) => process.stdout.write(`${line}\n`)));
