import type { CidrSet } from '../floor/cidr.ts';
import type { Log } from '../io/log.ts';
import type { Ledger, LedgerDeps } from './metering/ledger.ts';
import type { Recovery } from './metering/recover-calls.ts';
import type { Provider } from './providers/provider-file.ts';
import type { PriceTable } from './rules/price-table.ts';

/** What the plane of a process stands on. */
export type EgressDeps = LedgerDeps & {
  readonly dataDir: string;
  readonly providers: readonly Provider[];
  readonly prices: PriceTable;
  readonly logger: Log;
  /** Loopback and link-local networks to which `hosts` may lead all the same; none unless told. */
  readonly ownNetworks?: CidrSet | null;
  /** How long one call may take, in ms. */
  readonly callMs?: number;
};

/** A plane that is open: its book, and what all bottles of the process share. */
export type OpenPlane = {
  readonly ledger: Ledger;
  readonly recovery: Recovery;
  /** Where sockets lie: a short path, since the name of a socket has 108 bytes at most. */
  readonly dir: string;
  readonly live: Set<string>;
};
