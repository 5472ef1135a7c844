import { setTimeout as wait } from 'node:timers/promises';

/** What is written beside the events, counted, so that it never fills the disk between two looks at it. */
export type DiskFlow = {
  /** Null: so many bytes may be written, and `wrote` says when they are. Else there is no room: ask again after that. */
  enter(bytes: number): Promise<void> | null;
  wrote(bytes: number): void;
};

/** For tests, and where the disk is another machine's. */
export const freeFlow: DiskFlow = { enter: () => null, wrote: () => {} };

type Flowing = {
  /** Bytes that may be written yet, by the last look and what was written since. */
  readonly room: () => number;
  look(): Promise<void>;
};

/** How often room is looked for while somebody waits for it, and how long anybody waits at most, in ms. */
const everyMs = 100;
const longestMs = 60_000;

/** Lets output through while there is room; after a minute without any it is let through to its fate. */
export function openFlow({ room, look }: Flowing): DiskFlow {
  let onTheWay = 0;
  let tightSince: number | null = null;
  let looking: Promise<void> | undefined;
  const lookAgain = async () => {
    await wait(everyMs);
    await look().catch(() => {});
  };
  return {
    enter: (bytes) => {
      const isTight = room() - onTheWay < bytes;
      tightSince = isTight ? (tightSince ?? performance.now()) : null;
      if (tightSince === null || performance.now() - tightSince > longestMs) {
        onTheWay += bytes;
        return null;
      }
      looking ??= lookAgain().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    wrote: (bytes) => {
      onTheWay -= bytes;
    },
  };
}
