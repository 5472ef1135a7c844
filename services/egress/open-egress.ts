import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf } from '../floor/app-error.ts';
import type { OpenBottleAccess } from './bottle-access.ts';
import { type Ledger, openLedger } from './metering/ledger.ts';
import { openRecovery } from './metering/recover-calls.ts';
import { openAccess } from './open-access.ts';
import type { EgressDeps, OpenPlane } from './plane.ts';
import type { PriceTable } from './rules/price-table.ts';

/** The egress plane of a process: it opens with the first bottle or attempt that needs it. */
export type Egress = {
  readonly open: OpenBottleAccess;
  /** The book, for adapters that report what their turns took. */
  readonly ledger: () => Promise<Ledger>;
  readonly prices: PriceTable;
  close(): Promise<void>;
};

const sweepMs = 30_000;
const usualCallMs = 1_800_000;

export function openEgress(deps: EgressDeps): Egress {
  let opened: Promise<OpenPlane & { close(): Promise<void> }> | undefined;
  let closed = false;
  const plane = () => {
    if (closed) throw new AppError('unavailable', 'The farm is about to stop.');
    opened ??= openPlane(deps).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    prices: deps.prices,
    ledger: async () => (await plane()).ledger,
    open: async (request) => openAccess({ ...deps, callMs: deps.callMs ?? usualCallMs }, await plane(), request),
    close: async () => {
      closed = true;
      const one = await opened?.catch(() => undefined);
      await one?.close();
    },
  };
}

async function openPlane(deps: EgressDeps): Promise<OpenPlane & { close(): Promise<void> }> {
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
  mkdirSync(tmpdir(), { recursive: true });
  const dir = mkdtempSync(join(tmpdir(), 'ct-egress-'));
  return {
    ...{ ledger, recovery, dir, live },
    close: async () => {
      clearInterval(timer);
      await ledger.close();
      recovery.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
