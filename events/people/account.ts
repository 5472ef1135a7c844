import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, oneOf } from '../fields.ts';
import { severities } from '../finding.ts';

/** The public half of an Ed25519 key of NATS: who holds the seed may connect, and nobody else knows it. */
export const PublicKey = Type.String({ pattern: '^U[A-Z2-7]{55}$' });

/** The events that a subscriber asks for: an empty list leaves nothing out. */
export const EventFilter = closed({
  /** Names of events. */
  events: Type.Array(Type.String({ pattern: '^[A-Z][A-Za-z]{2,63}$' }), { maxItems: 128 }),
  projects: Type.Array(Name, { maxItems: 1024 }),
  /** Of findings; events that are about no finding have none and pass whatever is listed here. */
  severities: Type.Array(oneOf(severities), { maxItems: 8 }),
});
export type EventFilter = Static<typeof EventFilter>;

/** Another service may take part of the log, from a sequence on, and nothing else. Added again: delivered anew from there. */
export const SubscriberAdded = defineEvent(
  'SubscriberAdded',
  'subscriber',
  closed({ name: Name, public_key: PublicKey, hearing: EventFilter, from_seq: Count, by: Name }),
);

/** It may no longer; what waited for it is erased. */
export const SubscriberRemoved = defineEvent('SubscriberRemoved', 'subscriber', closed({ name: Name, by: Name }));

/** A runner on another machine may take jobs. */
export const RunnerAdded = defineEvent(
  'RunnerAdded',
  'runner',
  closed({ name: Name, public_key: PublicKey, by: Name }),
);

/** It may no longer. */
export const RunnerRemoved = defineEvent('RunnerRemoved', 'runner', closed({ name: Name, by: Name }));
