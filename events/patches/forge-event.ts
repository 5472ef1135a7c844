import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, closed, nullable, oneOf, text } from '../fields.ts';

/** A forge told us of something, with its signature; the entity's id is that of the delivery. */
export const ForgeEventReceived = defineEvent(
  'ForgeEventReceived',
  'forge',
  closed({
    forge: oneOf(['gitea', 'github', 'gitlab']),
    delivery_id: text(128, 1),
    kind: oneOf(['push', 'pull_request', 'comment', 'other']),
    action: nullable(text(64)),
    /** `owner/name`, and the address under which it is cloned. */
    repository: nullable(text(512)),
    clone_url: nullable(text(2048)),
    number: nullable(Type.Integer({ minimum: 1 })),
    branch: nullable(text(255)),
    commit: nullable(Commit),
  }),
);
