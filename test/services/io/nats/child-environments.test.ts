import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { openWorkspaces } from '../../../../services/io/git/trees/workspaces.ts';
import { openProcesses } from '../../../../services/io/process/open-processes.ts';
import { withNats } from '../../../support/farm-parts.ts';
import { makeRepository } from '../../../support/git-repository.ts';
import { gather } from '../process/watched-processes.ts';

type Seen = { pid: number; parent: number; words: string };

/** What everybody of this user may read of each process: its environment and its arguments. */
function processes(): Seen[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const words = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${name}/${file}`, 'latin1')).join('\0');
      return [{ pid: Number(name), parent, words }];
    } catch {
      return [];
    }
  });
}

function below(pid: number, all: readonly Seen[]): Seen[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid, all)]);
}

it(
  'no program that the farm starts has a secret of its environment',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  () =>
    withNats(async ({ dir }) => {
      const canary = randomUUID();
      const names = [
        'CRAFTING_GITEA_TOKEN',
        'CRAFTING_SMTP_PASS',
        'CRAFTING_SECRET_KEY',
        'CRAFTING_FORGE_WEBHOOK_SECRET',
      ];
      for (const name of [...names, 'AWS_SECRET_ACCESS_KEY']) process.env[name] = canary;
      // Started again, with the secrets set.
      await withNats(async () => {
        const launcher = await openProcesses();
        assert.match(readFileSync('/proc/self/limits', 'utf8'), /^Max core file size +0 +0 /m);
        const workspaces = openWorkspaces({ dir: join(dir, 'work'), allowLocal: true });
        const { release } = await workspaces.checkout({
          remote: { url: makeRepository(join(dir, 'repository')) },
          branch: 'main',
        });
        const seen: Seen[] = [];
        const job = await gather(
          launcher,
          { command: 'echo up; sleep 0.3' },
          () => void seen.push(...below(process.pid, processes())),
        );
        assert.equal(job.result.exitCode, 0);
        assert.ok(
          seen.some(({ words }) => words.includes('nats-server')) &&
            seen.some(({ words }) => words.includes('launcher.pl')),
        );
        assert.deepEqual(
          seen.filter(({ words }) => words.includes(canary)).map(({ pid }) => pid),
          [],
        );
        release();
        await workspaces.close();
        await launcher.close();
      });
      for (const name of [...names, 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
    }),
);
