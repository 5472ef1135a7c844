import assert from 'node:assert/strict';
import { paced } from './pace.ts';

/** Milliseconds that this process has computed so far: work, whatever else the machine does meanwhile. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Holds what some work computes against a limit, in ms on a machine of the usual speed. */
export function assertLight(atMostMs: number, what: string, work: () => unknown): void {
  const startedAt = cpuMs();
  work();
  const took = cpuMs() - startedAt;
  assert.ok(took < paced(atMostMs), `${took} ms for ${what}`);
}
