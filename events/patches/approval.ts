import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, Sha256, Time, text } from '../fields.ts';
import { Patch, PatchCost, PatchFailure } from './patch.ts';

/** What a person is asked about: one diff, by the SHA-256 of its text. Another one has to be asked about anew. */
const Asked = { ...Patch, digest: Sha256 };
const ended = { failure: PatchFailure, cost: Type.Optional(PatchCost) };

/** It is proven, and its project wants a person to look at it before it is pushed. Without an answer it ends at `expires_at`. */
export const PatchApprovalRequested = defineEvent(
  'PatchApprovalRequested',
  'patch',
  closed({ ...Asked, drafted_seq: Count, title: text(512, 1), expires_at: Time }),
);

/** A person has looked at exactly this diff and wants it pushed. */
export const PatchApproved = defineEvent('PatchApproved', 'patch', closed({ ...Asked, by: Name, reason: text(1024) }));

/** A person does not want it: a refusal that lasts, and this diff is not proposed again. */
export const PatchApprovalDeclined = defineEvent(
  'PatchApprovalDeclined',
  'patch',
  closed({ ...Asked, by: Name, reason: text(1024), ...ended }),
);

/** Nobody has answered in time. */
export const PatchApprovalExpired = defineEvent('PatchApprovalExpired', 'patch', closed({ ...Asked, ...ended }));
