import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobEnqueuedData, RecipeExitedData } from '../../../events/jobs/job.ts';
import { type EntryStore, openEntryStore } from '../../../services/dependencies/entry-store.ts';
import { openDependencies } from '../../../services/dependencies/open-dependencies.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { openProcesses } from '../../../services/io/process/open-processes.ts';
import { openSandbox } from '../../../services/io/sandbox/open-sandbox.ts';
import { openJobHomes } from '../../../services/runner/home/job-home.ts';
import { baseEnvironment } from '../../../services/runner/home/recipe-environment.ts';
import { sampleData } from '../../events/stored-payloads.ts';
import { makeRepository } from '../../support/git-repository.ts';
import { withStage } from '../runner/runner-stage.ts';

export type Ran = RecipeExitedData & { readonly text: string };
export type DependencyStage = {
  readonly dir: string;
  readonly store: EntryStore;
  readonly level: string;
  /** Where entries lie. */
  readonly installs: string;
  /** Writes files and links and commits them on a branch; answers the commit. */
  commit(files: Record<string, string>, branch?: string, links?: Record<string, string>): string;
  /** Runs a job to its end. */
  run(command: string, install: string | null, changes?: Partial<JobEnqueuedData>): Promise<Ran>;
  start(command: string, install: string | null, changes?: Partial<JobEnqueuedData>): Promise<string>;
  ended(id: string): Promise<Ran>;
  at: { now: number };
  /** Another repository, whose files jobs may read. */
  foreign(files: Record<string, string>): { path: string; sha: string };
};

/** A runner that keeps what installs made, in the best sandbox of this machine, and a repository to commit to. */
export function withDependencies(
  work: (stage: DependencyStage) => Promise<void>,
  { mostBytes = 2 ** 30, want = 'auto' as 'auto' | 'none', layers = true } = {},
): Promise<void> {
  return withStage(async ({ dir, runner, enqueue, exit, output }) => {
    const cacheDir = join(dir, 'caches');
    mkdirSync(cacheDir);
    const at = { now: systemClock.now() };
    const installs = join(cacheDir, 'installs');
    const store = openEntryStore({ dir: installs, mostBytes, now: () => at.now });
    const processes = await openProcesses();
    const env = baseEnvironment({ inherited: process.env, extraPath: [] });
    mkdirSync(join(dir, 'foreign'));
    const slots = join(dir, 'r');
    mkdirSync(slots);
    const opened = await openSandbox({ want, processes, env, cacheDir, own: [slots], show: [join(dir, 'foreign')] });
    const sandbox = { ...opened, hasLayers: opened.hasLayers && layers };
    const { hasLayers } = sandbox;
    const homes = openJobHomes({ dir: join(slots, 'homes'), cacheDir, hasLayers, onTrouble: () => {} });
    const dependencies = openDependencies({
      store,
      versions: async () => ['tool 1'],
      now: () => at.now,
      onTrouble: () => {},
    });
    await runner({
      runner: 'r',
      sandbox,
      processes,
      homes,
      dependencies,
      environment: env,
      jobEnv: { TOKEN: 'hidden-token-of-a-registry' },
    });
    const repository = makeRepository(join(dir, 'own'));
    const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
    const main = git('symbolic-ref', '--short', 'HEAD');
    const commit = (files: Record<string, string>, branch = main, links: Record<string, string> = {}) => {
      git('checkout', '-q', '-B', branch);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(repository, name)), { recursive: true });
        writeFileSync(join(repository, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
      }
      for (const [name, text] of Object.entries(links)) {
        rmSync(join(repository, name), { force: true });
        symlinkSync(text, join(repository, name));
      }
      git('add', '-A');
      git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'change');
      const sha = git('rev-parse', 'HEAD');
      git('checkout', '-q', main);
      return sha;
    };
    const foreign = (files: Record<string, string>) => {
      const path = makeRepository(join(dir, 'foreign'), files);
      return { path, sha: execFileSync('git', ['-C', path, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim() };
    };
    const sample = sampleData('JobEnqueued');
    const start = (command: string, install: string | null, changes: Partial<JobEnqueuedData> = {}) => {
      const subproject = { path: '.', language: 'javascript', timeout_secs: 60, ...changes.snapshot?.subproject };
      const snapshot = {
        ...sample.snapshot,
        git_url: repository,
        default_branch: main,
        subproject: { ...subproject, ...(install === null ? {} : { install }) },
      };
      const plain = { subproject: '.', branch: main, sha: null, purpose: 'requested' as const, credential_ref: null };
      const { snapshot: _snapshot, ...more } = changes;
      return enqueue(command, { ...plain, timeout_secs: 60, ...more, snapshot });
    };
    const ended = async (id: string): Promise<Ran> => ({ ...(await exit(id)), text: await output(id) });
    const run = async (...asked: Parameters<typeof start>) => ended(await start(...asked));
    try {
      await work({ dir, store, level: sandbox.level, installs, commit, run, start, ended, at, foreign });
    } finally {
      await homes.close();
      await sandbox.close();
      await processes.close();
    }
  });
}
