import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, nullable, oneOf, text } from '../fields.ts';

/** `webhook`: a target of the project's `notify.webhooks`; `commit_status`: on the forge; `clawdforge`: findings as a file. */
export const noticeChannels = ['webhook', 'commit_status', 'clawdforge'] as const;

const Notice = {
  project: Name,
  channel: oneOf(noticeChannels),
  /** The id of the webhook, or the context of the commit status. */
  target: text(256, 1),
  /** The event that it tells of. */
  event_seq: Count,
  event_type: text(64, 1),
  attempts: Type.Integer({ minimum: 1 }),
};

/** Somebody outside was told, and said that they heard. */
export const NoticeSent = defineEvent(
  'NoticeSent',
  'notice',
  closed({ ...Notice, status: nullable(Type.Integer()), reference: nullable(text(256)) }),
);

/** They could not be told for so long that it is given up. */
export const NoticeFailed = defineEvent(
  'NoticeFailed',
  'notice',
  closed({
    ...Notice,
    reason: text(1024, 1),
    /** They said that they are gone: nothing more is sent there until somebody changes the address or asks for a replay. */
    target_gone: Type.Optional(Type.Boolean()),
  }),
);

/** Somebody asked that a webhook is told again of everything from a sequence on. */
export const NoticeReplayRequested = defineEvent(
  'NoticeReplayRequested',
  'notice',
  closed({ project: Name, target: text(256, 1), from_seq: Count, by: Name }),
);
