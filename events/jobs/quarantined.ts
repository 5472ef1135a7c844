import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { closed, Name, Sha256, text } from '../fields.ts';

/** An operator has passed over one message of the log that is not an event: nobody waits for it any more. */
export const EventQuarantined = defineEvent(
  'EventQuarantined',
  'log',
  closed({
    event_seq: Type.Integer({ minimum: 1 }),
    /** The subject on which it lies, and what its payload hashes to: the message itself stays where it is. */
    subject: text(512),
    digest: Sha256,
    /** Why it cannot be opened. */
    fault: text(1024),
    /** Why it is passed over, in the operator's words. */
    reason: text(1024),
    by: Name,
  }),
);
