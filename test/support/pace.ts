import { spawnSync } from 'node:child_process';

/** What `spawnMs` answers on a quiet machine of the speed for which the limits of tests are written. */
const usualMs = 45;

/** How long a process of node takes from its start to its end here and now, in milliseconds: the middle one of five. */
export function spawnMs(): number {
  const one = () => {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { env: { PATH: process.env.PATH }, stdio: 'ignore' });
    return performance.now() - startedAt;
  };
  return [one(), one(), one(), one(), one()].sort((a, b) => a - b)[2] ?? 0;
}

/** How many times slower than usual a machine is on which a process takes so long; between 1 and 10, in halves. */
export function paceOf(ms: number, atOnce = 1): number {
  return Math.min(Math.max(Math.ceil((2 * ms * atOnce) / usualMs) / 2, 1), 10);
}

let measured = Number(process.env.CRAFTING_TEST_PACE) || 0;

/**
 * By how much every limit of a test is stretched. The suite measures it once and hands it to all files in
 * CRAFTING_TEST_PACE; a file that is run alone measures it when it is first asked.
 */
export function pace(): number {
  measured ||= paceOf(spawnMs());
  return measured;
}

/** A limit of so many milliseconds on a machine of the usual speed. */
export const paced = (ms: number): number => Math.ceil(ms * pace());
