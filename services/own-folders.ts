import type { Config } from './config.ts';
import type { Clock } from './floor/clock.ts';
import { type DiskReserve, openDiskReserve } from './io/disk/disk-reserve.ts';
import { type DiskSpace, freeIn, watchDiskSpace } from './io/disk/disk-space.ts';
import { openRoomMaker, type RoomMaker } from './io/disk/free-room.ts';
import type { Freeable } from './io/disk/freeable.ts';
import { makeUsableFolder } from './io/files/usable-folder.ts';
import type { Log } from './io/log.ts';
import type { HostModels } from './projector/host-models.ts';

/** What can be done without on the disk, what is cheapest to have again first, and who is told when there is room. */
export type Room = { onRoom: () => void; readonly freeables: Freeable[] };

/** The disk as it is, and what was freed on it. */
export type OwnDisk = DiskSpace & Pick<RoomMaker, 'last' | 'totals'> & { readonly reserve: DiskReserve };

/** Makes what is not in the data folder, or says which folder cannot be used and why. */
export function makeOwnFolders({ workspaceDir, cacheDir }: Config): void {
  makeUsableFolder(workspaceDir, 'CRAFTING_WORKSPACE_DIR');
  makeUsableFolder(cacheDir, 'CRAFTING_CACHE_DIR');
}

/** Watches the disk of the farm's own folders; what can be had again makes room when it gets scarce. */
export async function watchOwnDisk(
  { dataDir, workspaceDir, cacheDir, diskFloorBytes, natsUrl }: Config,
  { logger, clock, room }: { readonly logger: Log; readonly clock: Clock; readonly room: Room },
): Promise<OwnDisk> {
  const maker = openRoomMaker({ freeables: room.freeables, freeIn, now: () => clock.now(), logger });
  const reserve = openDiskReserve(dataDir);
  const disk = await watchDiskSpace({
    dirs: [dataDir, workspaceDir, cacheDir],
    floorBytes: diskFloorBytes,
    logger,
    makeRoom: (scarce) => maker.free(scarce),
    onRoom: () => room.onRoom(),
    onEnough: ({ dir, free, floor }) => {
      if (natsUrl === null && dir === dataDir) reserve.keep(free, floor);
    },
  });
  return { ...disk, last: maker.last, totals: maker.totals, reserve };
}

/** Read models as of earlier points of the log, which are built again when somebody asks for them. */
export function freeableMoments({ dataDir }: Config, models: Pick<HostModels, 'past'>): Freeable {
  return { name: 'kept moments', dir: dataDir, freeLeastUsed: (bytes) => models.past.freeLeastUsed(bytes) };
}
