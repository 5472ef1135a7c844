import type { Config } from './config.ts';
import { messageOf } from './floor/app-error.ts';
import { type DiskSpace, watchDiskSpace } from './io/disk-space.ts';
import { openWorkspaces, type Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';
import { makeUsableFolder } from './io/usable-folder.ts';

const hour = 3_600_000;

/** What can make room on the disk, and who is told when there is some. */
export type Room = { onRoom: () => void; readonly makers: (() => Promise<void>)[] };

/** Makes what is not in the data folder, or says which folder cannot be used and why. */
export function makeOwnFolders({ workspaceDir, cacheDir }: Config): void {
  makeUsableFolder(workspaceDir, 'CRAFTING_WORKSPACE_DIR');
  makeUsableFolder(cacheDir, 'CRAFTING_CACHE_DIR');
}

/** Watches the disk of the farm's own folders; what can be had again makes room when it gets scarce. */
export function watchOwnDisk(
  { dataDir, workspaceDir, cacheDir, diskFloorBytes }: Config,
  logger: Log,
  room: Room,
): Promise<DiskSpace> {
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
