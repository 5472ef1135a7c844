import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { openEventLog } from '../../../services/io/nats/log/jetstream-event-log.ts';
import { openHostModels } from '../../../services/projector/host-models.ts';

// Started by a test that kills it: one of several processes of a host. Says each time it begins to write or to read.
const [dir = '', url = '', user = '', pass = '', role = ''] = (process.env.STAGE ?? '').split(' ');
const nats = await connectNats({ url, user, pass, name: 'child', log: silent });
const log = openEventLog({ nats, source: '/test', sync: null });
const models = await openHostModels({ dir, log, logger: silent, isProjector: role === 'projector', lookEveryMs: 50 });
let said = '';
const say = () => {
  const now = models.host().writes ? 'writes' : 'reads';
  if (now !== said) process.stdout.write(`${now}\n`);
  said = now;
};
say();
setInterval(say, 5);
