import { requestCounts } from '../../../services/api/admin/request-counts.ts';
import { openApi } from '../../../services/api/server.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { type TestFarm, testConfig } from '../../support/farm.ts';
import { type Http, httpAt } from '../../support/http.ts';

export type Door = { readonly url: string; readonly http: Http };

/** A second HTTP front of a farm, with settings of its own, for the time of some work. */
export async function withDoor<T>(
  farm: TestFarm,
  { env = {}, arrival }: { env?: Record<string, string>; arrival?: { wholeMs: number; checkMs: number } },
  work: (door: Door) => Promise<T>,
): Promise<T> {
  if (!farm.models) throw new Error('the farm has no read models');
  const api = await openApi({
    ...farm.store,
    models: farm.models,
    config: testConfig(farm.dir, env),
    version: '0.0.0',
    logger: silent,
    clock: systemClock,
    counts: requestCounts(),
    runner: () => null,
    preview: null,
    ...(arrival ? { arrival } : {}),
  });
  try {
    const url = await api.listen({ host: '127.0.0.1', port: 0 });
    return await work({ url, http: httpAt(url, farm.admin) });
  } finally {
    await api.close();
  }
}
