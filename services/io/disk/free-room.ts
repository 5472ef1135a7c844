import { statSync } from 'node:fs';
import { messageOf } from '../../floor/app-error.ts';
import type { Log } from '../log.ts';
import type { Freeable } from './freeable.ts';

/** What was freed at once, and how much of each thing; bytes. */
type Freed = {
  readonly at: string;
  readonly bytes: number;
  readonly what: readonly { readonly name: string; readonly bytes: number }[];
};

/** A folder that has too little room, in bytes. */
export type Scarce = { readonly dir: string; readonly free: number; readonly floor: number };

export type RoomMaker = {
  /** Frees what can be done without until twice the floor is free. */
  free(scarce: Scarce): Promise<Freed | null>;
  /** What was freed last. */
  readonly last: () => Freed | null;
  /** Bytes by the name of what was freed, since the start. */
  readonly totals: () => Readonly<Record<string, number>>;
};

type RoomMakerOptions = {
  readonly freeables: readonly Freeable[];
  /** Bytes that are free now in a folder. */
  readonly freeIn: (dir: string) => Promise<number>;
  readonly now: () => number;
  readonly logger: Log;
};

/** While there is more than the floor, what was used so lately stays, in ms. */
const lately = 3_600_000;

/** Makes room on a disk that gets scarce: what is cheapest to have again first, of each the least used. */
export function openRoomMaker({ freeables, freeIn, now, logger }: RoomMakerOptions): RoomMaker {
  const totals: Record<string, number> = {};
  let last: Freed | null = null;
  const freeOne = async (one: Freeable, scarce: Scarce): Promise<number> => {
    const missing = 2 * scarce.floor - (await freeIn(scarce.dir));
    if (missing <= 0) return 0;
    const isShort = scarce.free < scarce.floor;
    if (one.isLast && !isShort) return 0;
    return one.freeLeastUsed(missing, isShort ? now() : now() - lately).catch((error) => {
      logger.warn({ what: one.name, error: messageOf(error) }, 'no room could be made on the disk');
      return 0;
    });
  };
  return {
    last: () => last,
    totals: () => totals,
    free: async (scarce) => {
      const what: { name: string; bytes: number }[] = [];
      for (const one of freeables.filter(({ dir }) => onOneDisk(dir, scarce.dir))) {
        const bytes = await freeOne(one, scarce);
        if (bytes === 0) continue;
        what.push({ name: one.name, bytes });
        totals[one.name] = (totals[one.name] ?? 0) + bytes;
      }
      if (what.length === 0) return null;
      const bytes = what.reduce((sum, one) => sum + one.bytes, 0);
      last = { at: new Date(now()).toISOString(), bytes, what };
      logger.warn({ dir: scarce.dir, bytes, what }, 'the disk gets scarce: what was used least was freed');
      return last;
    },
  };
}

/** What was freed, in words. */
export function freedWords({ at, bytes, what }: Freed): string {
  const parts = what.map((one) => `${megabytes(one.bytes)} of ${one.name}`).join(', ');
  return `${megabytes(bytes)} were freed at ${at}: ${parts}`;
}

function megabytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${Math.floor(bytes / 2 ** 20)} MB`;
}

function onOneDisk(one: string, other: string): boolean {
  try {
    return statSync(one).dev === statSync(other).dev;
  } catch {
    return false;
  }
}
