import { withNats } from '../../support/farm-parts.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { eventLogContract } from './event-log-contract.ts';

eventLogContract('in memory', (work) => work(memoryEventLog()));
eventLogContract('on JetStream', (work) => withNats(({ log }) => work(log)));
