import { openEgress } from '../../../services/egress/open-egress.ts';
import { readPrices } from '../../../services/egress/providers/price-file.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { openEventLog } from '../../../services/io/nats/log/jetstream-event-log.ts';
import { openStoreSync } from '../../../services/io/nats/log/store-sync.ts';
import { bottleId, providersAt, someAccess } from '../../support/egress-plane.ts';

/** A gateway in a process of its own, to be killed: `node gateway-child.ts <JSON of the server, the provider, the folders>`. */
const { server, provider, dataDir, messages } = JSON.parse(process.argv[2] ?? '{}');
const nats = await connectNats({ ...server, name: 'child', log: silent });
const log = openEventLog({ nats, source: '/child', sync: openStoreSync(messages) });
const egress = openEgress({
  ...{ log, models: null, clock: systemClock, logger: silent, dataDir },
  ...{ providers: providersAt(provider), prices: readPrices(null) },
});
const accesses = await Promise.all([1, 2, 3, 4].map((number) => egress.open(someAccess({ bottle: bottleId(number) }))));
process.stdout.write(`${JSON.stringify(accesses.map(({ socket }) => socket))}\n`);
