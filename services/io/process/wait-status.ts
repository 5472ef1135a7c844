import { constants } from 'node:os';
import type { Ending } from './launcher.ts';

/** What a wait status (`waitpid(2)`) says: an exit code in the second byte, or a signal in the low seven bits. */
export function readWaitStatus(status: number): Ending {
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff, signal: null };
  // Found in order, so that of two names for one number the usual one wins (SIGABRT, not SIGIOT).
  const named = Object.entries(constants.signals).find(([, value]) => value === number);
  return { exitCode: null, signal: named?.[0] ?? `SIG${number}` };
}
