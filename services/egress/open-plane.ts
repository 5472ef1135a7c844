import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../floor/app-error.ts';
import { temporaryPlace } from '../io/files/temporary-place.ts';
import { openLedger } from './metering/ledger.ts';
import { openRecovery } from './metering/recover-calls.ts';
import { openAccess } from './open-access.ts';
import type { EgressDeps, OpenPlane } from './plane.ts';

export type OwnPlane = OpenPlane & { readonly access: typeof openAccess; close(): Promise<void> };

const sweepMs = 30_000;

/** Opens the book and the folder of calls, and charges what gateways left that are gone. */
export async function openOwnPlane(deps: EgressDeps): Promise<OwnPlane> {
  const { dataDir, clock, logger, prices } = deps;
  const ledger = await openLedger(deps);
  const live = new Set<string>();
  const recovery = openRecovery({
    dir: join(dataDir, 'egress'),
    ledger,
    now: () => clock.now(),
    isLive: (id) => live.has(id),
    prices: prices.dated,
  });
  const sweep = async () => {
    const lost = await recovery.sweep();
    if (lost > 0)
      logger.warn({ calls: lost }, 'calls of a gateway that is gone are charged with all that they may have taken');
  };
  const tried = () =>
    sweep().catch((error) =>
      logger.warn({ error: messageOf(error) }, 'calls of gateways that are gone cannot be charged yet'),
    );
  await tried();
  const timer = setInterval(() => void tried(), sweepMs).unref();
  const dir = await temporaryPlace('egress');
  return {
    ...{ ledger, recovery, dir, live, access: openAccess },
    close: async () => {
      clearInterval(timer);
      await ledger.close();
      recovery.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
