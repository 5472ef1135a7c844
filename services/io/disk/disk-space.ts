import { statfs } from 'node:fs/promises';
import { messageOf } from '../../floor/app-error.ts';
import type { Log } from '../log.ts';
import { type DiskFlow, openFlow } from './disk-flow.ts';
import type { Scarce } from './free-room.ts';

/** How much room the farm's folders have. */
export type DiskSpace = DiskFlow & {
  /** What is wrong, as a sentence, while less than the floor is free; else null. */
  readonly shortage: () => string | null;
  /** Bytes that are free in the folder that has the fewest, and the floor that holds there. */
  readonly least: () => { readonly dir: string; readonly free: number; readonly floor: number };
  /** Looks now. */
  look(): Promise<void>;
  stop(): void;
};

type DiskSpaceOptions = {
  readonly dirs: readonly string[];
  /** Bytes that have to be free before new work is taken; on a small file system a tenth of it is enough. */
  readonly floorBytes: number;
  readonly logger: Log;
  /** Frees what can be done without; called when twice the floor is not free any more. */
  readonly makeRoom: (scarce: Scarce) => Promise<unknown>;
  /** Called when the floor was reached again. */
  readonly onRoom?: () => void;
  /** Hears of each look that found room enough. */
  readonly onEnough?: (least: Scarce) => void;
};

const everyMs = 1_000;
/** How long after one try to make room the next one comes, in ms: while there is the floor, and below it. */
const makeRoomEveryMs = { scarce: 30_000, short: 3_000 };

/** Watches the free space below some folders. */
export async function watchDiskSpace(options: DiskSpaceOptions): Promise<DiskSpace> {
  const { dirs, floorBytes, logger, makeRoom, onRoom, onEnough } = options;
  let least = { dir: dirs[0] ?? '.', free: Number.POSITIVE_INFINITY, floor: floorBytes };
  let shortage: string | null = null;
  let madeRoomAt = Number.NEGATIVE_INFINITY;
  let making: Promise<void> | undefined;
  let writtenSince = 0;

  const look = async () => {
    const found = await Promise.all(dirs.map((dir) => roomIn(dir, floorBytes)));
    const known = found.filter((one) => one !== null).sort((a, b) => a.free - a.floor - (b.free - b.floor));
    const [worst] = known;
    if (worst === undefined) return;
    least = worst;
    writtenSince = 0;
    const wasShort = shortage !== null;
    // A little more than the floor has to be free again, so that it does not flicker.
    const needed = wasShort ? worst.floor * 1.1 : worst.floor;
    shortage = worst.free < needed ? words(worst) : null;
    if (shortage !== null && !wasShort) logger.error({ ...worst }, `no new work is taken: ${shortage}`);
    if (shortage === null && wasShort) {
      logger.warn({ ...worst }, 'there is room again, new work is taken');
      onRoom?.();
    }
    if (shortage === null) onEnough?.(worst);
    const every = makeRoomEveryMs[worst.free < worst.floor ? 'short' : 'scarce'];
    if (worst.free < worst.floor * 2 && performance.now() - madeRoomAt > every && !making) {
      making = Promise.resolve(makeRoom(worst))
        .then(() => {})
        .catch((error) => logger.warn({ error: messageOf(error) }, 'no room could be made on the disk'))
        .finally(() => {
          madeRoomAt = performance.now();
          making = undefined;
        });
    }
  };
  const flow = openFlow({ room: () => least.free - writtenSince - least.floor / 2, look });
  await look();
  const timer = setInterval(() => void look().catch(() => {}), everyMs);
  timer.unref();
  return {
    shortage: () => shortage,
    least: () => least,
    look,
    enter: flow.enter,
    wrote: (bytes) => {
      writtenSince += bytes;
      flow.wrote(bytes);
    },
    stop: () => clearInterval(timer),
  };
}

/** Bytes that are free in a folder. */
export async function freeIn(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

async function roomIn(dir: string, floorBytes: number) {
  const found = await statfs(dir).catch(() => null);
  if (found === null) return null;
  const [free, size] = [found.bavail * found.bsize, found.blocks * found.bsize];
  return { dir, free, floor: Math.min(floorBytes, Math.floor(size / 10)) };
}

const megabytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MB`;

function words({ dir, free, floor }: { dir: string; free: number; floor: number }): string {
  return `only ${megabytes(free)} are free at ${dir}, of the ${megabytes(floor)} that have to be (CRAFTING_DISK_FLOOR_MB)`;
}
