import { mkdirSync } from 'node:fs';
import type { Config } from './config.ts';
import { messageOf } from './floor/app-error.ts';
import { type DiskSpace, watchDiskSpace } from './io/disk-space.ts';
import { openWorkspaces, type Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';

const hour = 3_600_000;

/** What can make room on the disk, and who is told when there is some. */
export type Room = { onRoom: () => void; readonly makers: (() => Promise<void>)[] };

/** Watches the disk of the farm's own folders; what can be had again makes room when it gets scarce. */
export function watchOwnDisk(
  { dataDir, workspaceDir, cacheDir, diskFloorBytes }: Config,
  logger: Log,
  room: Room,
): Promise<DiskSpace> {
  for (const dir of [dataDir, workspaceDir, cacheDir]) mkdirSync(dir, { recursive: true });
  return watchDiskSpace({
    dirs: [dataDir, workspaceDir, cacheDir],
    floorBytes: diskFloorBytes,
    logger,
    makeRoom: async () => {
      for (const make of room.makers) await make();
    },
    onRoom: () => room.onRoom(),
  });
}

/** The mirrors and trees of a farm, collected every hour. */
export function openOwnWorkspaces(
  { dataDir, cacheDir, workspaceDir, allowLocalRepos, slots }: Config,
  logger: Log,
): Workspaces {
  const workspaces = openWorkspaces({
    dir: workspaceDir,
    allowLocal: allowLocalRepos,
    closed: [dataDir, cacheDir],
    // One for each job at once: fewer would be thrown away and written anew all the time.
    idlePerMirror: slots,
    onTrouble: (what, error) => logger.warn({ error: messageOf(error) }, what),
  });
  const collect = setInterval(
    () =>
      workspaces
        .gc()
        .catch((error) => logger.warn({ error: messageOf(error) }, 'old work trees could not be collected')),
    hour,
  );
  collect.unref();
  return {
    ...workspaces,
    close: async () => {
      clearInterval(collect);
      await workspaces.close();
    },
  };
}
