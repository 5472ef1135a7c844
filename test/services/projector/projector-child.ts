import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { openEventLog } from '../../../services/io/nats/log/jetstream-event-log.ts';
import { startProjector } from '../../../services/projector/projector.ts';

// Started by a test that kills it: keeps the read models of a folder at the end of a log, and says how far they are.
const [dir = '', url = '', user = '', pass = ''] = (process.env.STAGE ?? '').split(' ');
const nats = await connectNats({ url, user, pass, name: 'child', log: silent });
const log = openEventLog({ nats, source: '/test', sync: null });
const models = await startProjector({ dir, log, logger: silent });
process.stdout.write(`${models.seq()}\n`);
models.onCommit((seq) => void process.stdout.write(`${seq}\n`));
