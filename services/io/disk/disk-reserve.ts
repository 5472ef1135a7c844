import { randomFillSync } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that are kept back: what a log server needs to start on a full disk and to erase what is old. */
const mostBytes = 8 * 2 ** 20;
/** On a small file system, this part of the floor. */
const shareOfFloor = 4;
/** A disk that has so many floors free needs none: it does not fill between two looks. */
const roomyFloors = 16;

/** Room on the disk that is kept from everybody, so that something can still be done when it is full. */
export type DiskReserve = {
  /** Takes it where the disk may get full, and it leaves more than the floor; bytes. */
  keep(free: number, floor: number): void;
  /** Gives it to whoever needs it now; false where there is none. */
  release(): boolean;
};

/** A reserve as a file in a folder; one that a service before this one left is taken over. */
export function openDiskReserve(dir: string): DiskReserve {
  const file = join(dir, 'disk-reserve');
  let isKept = statSync(file, { throwIfNoEntry: false }) !== undefined;
  return {
    keep: (free, floor) => {
      const bytes = Math.min(mostBytes, Math.floor(floor / shareOfFloor));
      if (isKept || free > floor * roomyFloors || free - bytes < floor * 1.2) return;
      isKept = fill(file, bytes);
    },
    release: () => {
      const hadOne = isKept;
      isKept = false;
      rmSync(file, { force: true });
      return hadOne;
    },
  };
}

/** Random, since a file system may keep a run of zeros in no room at all. */
function fill(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, randomFillSync(Buffer.allocUnsafe(bytes)), { mode: 0o600 });
    return true;
  } catch {
    rmSync(file, { force: true });
    return false;
  }
}
