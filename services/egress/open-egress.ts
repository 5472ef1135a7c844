import { AppError } from '../floor/app-error.ts';
import type { OpenBottleAccess } from './bottle-access.ts';
import type { Ledger } from './metering/ledger.ts';
import type { OwnPlane } from './open-plane.ts';
import type { EgressDeps } from './plane.ts';
import type { PriceTable } from './rules/price-table.ts';

/** The egress plane of a process: it opens with the first bottle or attempt that needs it. */
export type Egress = {
  readonly open: OpenBottleAccess;
  /** The book, for adapters that report what their turns took. */
  readonly ledger: () => Promise<Ledger>;
  readonly prices: PriceTable;
  close(): Promise<void>;
};

const usualCallMs = 1_800_000;

export function openEgress(deps: EgressDeps): Egress {
  let opened: Promise<OwnPlane> | undefined;
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
    open: async (request) => {
      const own = await plane();
      return own.access({ ...deps, callMs: deps.callMs ?? usualCallMs }, own, request);
    },
    close: async () => {
      closed = true;
      const one = await opened?.catch(() => undefined);
      await one?.close();
    },
  };
}

/** Loaded where an agent is let out. */
async function openPlane(deps: EgressDeps): Promise<OwnPlane> {
  return (await import('./open-plane.ts')).openOwnPlane(deps);
}
