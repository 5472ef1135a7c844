import { openSeats } from '../../../services/api/live/seats.ts';
import type { ApiNodes } from '../../../services/api/nodes/api-nodes.ts';
import { openApi } from '../../../services/api/server.ts';
import { requestCounts } from '../../../services/api/status/request-counts.ts';
import { openTokenUses } from '../../../services/api/token-uses.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { heldToItsSchema } from '../../support/documented-answers.ts';
import { type TestFarm, testConfig } from '../../support/farm.ts';
import { type Http, httpAt } from '../../support/http.ts';

export type Door = { readonly url: string; readonly http: Http };

type DoorSettings = {
  env?: Record<string, string>;
  arrival?: { wholeMs: number; checkMs: number };
  nodes?: ApiNodes;
};

/** A second HTTP front of a farm, with settings of its own, for the time of some work. */
export async function withDoor<T>(
  farm: TestFarm,
  settings: DoorSettings,
  work: (door: Door) => Promise<T>,
): Promise<T> {
  const door = await openDoor(farm, settings);
  try {
    return await work(door);
  } finally {
    await door.close();
  }
}

/** The same, until it is closed. */
export async function openDoor(
  farm: Pick<TestFarm, 'store' | 'models' | 'dir' | 'admin'>,
  { env = {}, arrival, nodes }: DoorSettings,
): Promise<Door & { close(): Promise<void> }> {
  if (!farm.models) throw new Error('the farm has no read models');
  const api = await openApi({
    ...farm.store,
    models: farm.models,
    config: testConfig(farm.dir, env),
    version: '0.0.0',
    logger: silent,
    clock: systemClock,
    counts: requestCounts(),
    seats: openSeats(),
    uses: openTokenUses({ hints: farm.store.hints, clock: systemClock, logger: silent }),
    runner: () => null,
    preview: null,
    onAnswer: heldToItsSchema,
    ...(arrival ? { arrival } : {}),
    ...(nodes ? { nodes } : {}),
  });
  const url = await api.listen({ host: '127.0.0.1', port: 0 });
  return { url, http: httpAt(url, farm.admin), close: () => api.close() };
}
