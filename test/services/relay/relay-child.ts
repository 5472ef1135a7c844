import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { openEventLog } from '../../../services/io/nats/log/jetstream-event-log.ts';
import { openBucket } from '../../../services/io/nats/stores/bucket.ts';
import { startProjector } from '../../../services/projector/projector.ts';
import { startRelay } from '../../../services/relay/relay.ts';

// Started by a test that kills it: relays the log to its subscribers, and says when it has begun.
const [dir = '', url = '', user = '', pass = ''] = (process.env.STAGE ?? '').split(' ');
const nats = await connectNats({ url, user, pass, name: 'child', log: silent });
const log = openEventLog({ nats, source: '/test', sync: null });
const hints = await openBucket(nats, { name: 'CT_HINTS', ttlMs: 0, replicas: 1 });
const models = await startProjector({ dir, log, logger: silent });
process.stdout.write('ready\n');
await startRelay({ nats, log, hints, models, logger: silent, clock: systemClock, config: { logRetentionDays: 1 } });
