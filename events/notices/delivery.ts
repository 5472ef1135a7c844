import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, text } from '../fields.ts';

/** A consumer gave up on an event after so many attempts. */
export const DeliveryAbandoned = defineEvent(
  'DeliveryAbandoned',
  'delivery',
  closed({
    consumer: text(64, 1),
    event_seq: Count,
    event_type: text(64, 1),
    attempts: Type.Integer({ minimum: 1 }),
    reason: text(1024),
  }),
);
