import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../../floor/clock.ts';

/** Looking at more entries than this takes longer than letting git clean. */
const largest = 500;

/**
 * The kernel stamps changes by a clock that moves every 1 to 10 ms: a second change within one tick leaves the same time.
 * An entry has to be older than that before its stamps can tell, in ms.
 */
export const trustedAfterMs = 12;

/**
 * What the kernel says of every entry of a tree, `.git` included: device, number, mode, owner, links, size and the times of
 * the last changes. Two equal prints mean that nothing was written, added, removed or linked in between: nobody can set the
 * time of change, short of setting the machine's clock. Undefined for a tree that is large, gone, or changed just now.
 */
export function printTree(root: string, now: number = systemClock.now()): string | undefined {
  const lines: string[] = [];
  let newest = 0n;
  const add = (name: string, found: BigIntStats) => {
    const { dev, ino, mode, uid, gid, nlink, size, rdev, mtimeNs, ctimeNs } = found;
    lines.push([name, dev, ino, mode, uid, gid, nlink, size, rdev, mtimeNs, ctimeNs].join('\0'));
    if (ctimeNs > newest) newest = ctimeNs;
  };
  const folders = [''];
  try {
    add('', lstatSync(root, { bigint: true }));
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of readdirSync(path.join(root, folder)).sort()) {
        if (lines.length >= largest) return undefined;
        const inner = path.join(folder, name);
        const found = lstatSync(path.join(root, inner), { bigint: true });
        add(inner, found);
        if (found.isDirectory()) folders.push(inner);
      }
    }
  } catch {
    return undefined;
  }
  return Number(newest / 1_000_000n) + trustedAfterMs < now ? lines.join('\n') : undefined;
}
