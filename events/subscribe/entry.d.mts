export { open, type Stored, UnopenableEvent } from '../envelope.ts';
export { type EventData, type EventName, events, isEventName, type Recorded } from '../registry.ts';
export { cloudEventOf } from './event-line.ts';
export { type Checkpoint, fileCheckpoint } from './file-checkpoint.ts';
export { subscribe } from './subscribe.ts';
export {
  type From,
  type NatsAccess,
  type Snapshot,
  type SubscribeOptions,
  SubscriptionRefused,
  type Trouble,
  type UnknownEvent,
} from './subscription.ts';
