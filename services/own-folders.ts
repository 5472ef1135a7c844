import type { Config } from './config.ts';
import { messageOf } from './floor/app-error.ts';
import type { Clock } from './floor/clock.ts';
import { type DiskSpace, freeIn, watchDiskSpace } from './io/disk-space.ts';
import { openRoomMaker, type RoomMaker } from './io/free-room.ts';
import type { Freeable } from './io/freeable.ts';
import { openWorkspaces, type Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';
import { makeUsableFolder } from './io/usable-folder.ts';
import type { HostModels } from './projector/host-models.ts';

const hour = 3_600_000;

/** What can be done without on the disk, what is cheapest to have again first, and who is told when there is room. */
export type Room = { onRoom: () => void; readonly freeables: Freeable[] };

/** The disk as it is, and what was freed on it. */
export type OwnDisk = DiskSpace & Pick<RoomMaker, 'last' | 'totals'>;

/** Makes what is not in the data folder, or says which folder cannot be used and why. */
export function makeOwnFolders({ workspaceDir, cacheDir }: Config): void {
  makeUsableFolder(workspaceDir, 'CRAFTING_WORKSPACE_DIR');
  makeUsableFolder(cacheDir, 'CRAFTING_CACHE_DIR');
}

/** Watches the disk of the farm's own folders; what can be had again makes room when it gets scarce. */
export async function watchOwnDisk(
  { dataDir, workspaceDir, cacheDir, diskFloorBytes }: Config,
  { logger, clock, room }: { readonly logger: Log; readonly clock: Clock; readonly room: Room },
): Promise<OwnDisk> {
  const maker = openRoomMaker({ freeables: room.freeables, freeIn, now: () => clock.now(), logger });
  const disk = await watchDiskSpace({
    dirs: [dataDir, workspaceDir, cacheDir],
    floorBytes: diskFloorBytes,
    logger,
    makeRoom: (scarce) => maker.free(scarce),
    onRoom: () => room.onRoom(),
  });
  return { ...disk, last: maker.last, totals: maker.totals };
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

/** Read models as of earlier points of the log, which are built again when somebody asks for them. */
export function freeableMoments({ dataDir }: Config, models: Pick<HostModels, 'past'>): Freeable {
  return { name: 'kept moments', dir: dataDir, freeLeastUsed: (bytes) => models.past.freeLeastUsed(bytes) };
}
