import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../../../config.ts';
import { type Clock, systemClock } from '../../../floor/clock.ts';
import { folderGit } from '../../../io/git/folder-git.ts';
import { openLog } from '../../../io/log.ts';
import { openStore } from '../../../io/open-store.ts';
import { start } from '../../../start.ts';
import { commitOf, type FleetLog } from './fleet-history.ts';
import { type FleetProject, filesIn } from './fleet-project.ts';
import { fleetOf, nightBefore, nightLasts, roundsOf, tellFleet } from './tell-fleet.ts';

export type FleetOptions = {
  readonly projects: number;
  /** How often each recipe ran; as many times as a minute allows, unless told. */
  readonly rounds?: number;
  /** Ends when this does; the farm runs until then. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Told the address and the link that signs in once, when the farm is there. */
  readonly onReady?: (farm: { readonly url: string; readonly admin: string }) => Promise<void> | void;
};

/** A farm of many made-up projects in a temporary folder, to look around in: no model, no network. Ends with `signal`. */
export async function demoFleet(
  { projects, rounds = roundsOf(projects), signal, env, onReady }: FleetOptions,
  print: (line: string) => void,
): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'crafting-table-fleet-'));
  try {
    const startedAt = performance.now();
    const config = readConfig({
      CRAFTING_DATA_DIR: join(dir, 'data'),
      CRAFTING_PORT: env['CRAFTING_PORT'] ?? '0',
      CRAFTING_ALLOW_LOCAL_REPOS: '1',
      CRAFTING_LOG_LEVEL: 'warn',
      ...(env['CRAFTING_NATS_SERVER'] ? { CRAFTING_NATS_SERVER: env['CRAFTING_NATS_SERVER'] } : {}),
    });
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    const gitUrl = join(dir, 'monorepo');
    const night = nightBefore(systemClock.now());
    const fleet = fleetOf({ projects, rounds, hour: night.hour }, gitUrl);
    const head = await writeRepository(gitUrl, fleet, rounds - 1);
    const logger = await openLog({ level: 'warn', format: 'auto' });
    const clock = historyClock(projects);
    const store = await openStore(config, logger, clock);
    const { now, goTo } = clock;
    const commitAt = (project: string, round: number) => (round === rounds - 1 ? head : commitOf(project, round));
    const merge = mergesInto(gitUrl);
    const telling = { log: store.log, logs: store.logs, commitAt, merge, now, goTo, say: print };
    await tellFleet(fleet, { rounds, night }, telling).finally(async () => {
      await store.log.flush();
      await store.close();
    });
    const farm = await start(config, logger, {});
    try {
      await farm.models?.applied(await farm.store.log.end(), 120_000);
      const admin = (await readFile(farm.adminBearerFile ?? '', 'utf8')).trim();
      const secs = Math.round((performance.now() - startedAt) / 1000);
      print(`\n${projects} projects with ${await farm.store.log.end()} events, ready after ${secs} s`);
      print(`Pages       ${(await farm.signInLink?.()) ?? `${farm.url}/ui`}`);
      print(`API         ${farm.url}/docs, bearer in ${farm.adminBearerFile}`);
      print('Ctrl-C ends it, and nothing of it is left.');
      await onReady?.({ url: farm.url ?? '', admin });
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await farm.close();
    }
    return 0;
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The time of a history: it goes on a little with every event, and is set from night to night. */
function historyClock(projects: number): Clock & { readonly goTo: (ms: number) => void } {
  // One night holds all events of the projects.
  const stepMs = Math.max(1, Math.floor(nightLasts / (projects * 3 * 14)));
  let nowMs = systemClock.now();
  return {
    ...systemClock,
    now: () => {
      nowMs += stepMs;
      return nowMs;
    },
    goTo: (ms) => {
      nowMs = ms;
    },
  };
}

/** One repository for all projects: each has a folder with its sources, and a script for each of its tools. Answers its commit. */
async function writeRepository(dir: string, fleet: readonly FleetProject[], last: number): Promise<string> {
  const folders = new Set<string>();
  for (const project of fleet)
    for (const [file, text] of filesIn(project, last)) {
      const at = join(dir, file);
      if (!folders.has(dirname(at))) await mkdir(dirname(at), { recursive: true });
      folders.add(dirname(at));
      await writeFile(at, text, { mode: 0o755 });
    }
  await folderGit(['init', '--quiet', '--initial-branch=main', '--template='], gitIn(dir));
  return commitAll(dir, 'The sources of the fleet');
}

const gitIn = (cwd: string) => ({ cwd, env: process.env, protocols: 'file' });

async function commitAll(dir: string, message: string): Promise<string> {
  await folderGit(['add', '--all'], gitIn(dir));
  const who = ['-c', 'user.name=Fleet', '-c', 'user.email=fleet@example.org'];
  await folderGit([...who, 'commit', '--quiet', '--message', message], gitIn(dir));
  return (await folderGit(['rev-parse', 'HEAD'], gitIn(dir))).trim();
}

/** Merges one after the other: the sources and what their tools say are from then on without the defect. */
function mergesInto(dir: string): FleetLog['merge'] {
  let last: Promise<unknown> = Promise.resolve();
  return async (project, defect) => {
    const merging = last.then(async () => {
      // Its file stays, without it.
      const standings = project.standings.map((one) => (one === defect ? { ...one, until: one.from } : one));
      for (const [file, text] of filesIn({ ...project, standings }, project.rounds - 1))
        await writeFile(join(dir, file), text, { mode: 0o755 });
      return commitAll(dir, `Mend ${defect.file} of ${project.document.name}`);
    });
    last = merging.catch(() => {});
    return merging;
  };
}
