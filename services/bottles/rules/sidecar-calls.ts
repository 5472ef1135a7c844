import { type TObject, Type } from '@sinclair/typebox';
import { closed, oneOf, text } from '../../../events/fields.ts';
import { type DoneStatus, doneStatuses, type SidecarMethod } from '../../../events/jobs/bottle.ts';

const number = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 });
const body = text(65_536, 1);

/** What each method takes, and what its agent is told of it. */
export const sidecarCalls = {
  read_issue: { says: 'Read an issue or a pull request of the repository.', params: closed({ number }) },
  read_comments: {
    says: 'Read the comments on an issue or a pull request of the repository.',
    params: closed({ number }),
  },
  post_comment: { says: 'Comment on your issue, or on a pull request of it.', params: closed({ number, body }) },
  update_description: {
    says: 'Replace the description of your issue, or of a pull request of it.',
    params: closed({ number, body }),
  },
  report_progress: { says: 'Say in a sentence what you are at.', params: closed({ text: text(1_000, 1) }) },
  signal_done: {
    says: 'Say that your work is over, once and last. `success`: all of it; `partial`: some; `failed`: it cannot be done.',
    params: closed({ status: oneOf(doneStatuses), summary: text(8_192) }),
  },
} as const satisfies Record<SidecarMethod, { readonly says: string; readonly params: TObject }>;

export type Call =
  | { readonly method: 'read_issue' | 'read_comments'; readonly number: number }
  | { readonly method: 'post_comment' | 'update_description'; readonly number: number; readonly body: string }
  | { readonly method: 'report_progress'; readonly text: string }
  | { readonly method: 'signal_done'; readonly status: DoneStatus; readonly summary: string };

/** Whether a word names a method. */
export function isSidecarMethod(word: string): word is SidecarMethod {
  return Object.hasOwn(sidecarCalls, word);
}

/** Whether a call writes to the forge, and so only where its bottle works. */
export function writes(call: Call): call is Extract<Call, { body: string }> {
  return call.method === 'post_comment' || call.method === 'update_description';
}

const done: Readonly<Record<'read_issue' | 'read_comments' | 'post_comment' | 'update_description', string>> = {
  read_issue: 'read',
  read_comments: 'read the comments of',
  post_comment: 'posted a comment to',
  update_description: 'updated the description of',
};
const tried = { post_comment: 'comment on', update_description: 'description of' } as const;

/** A call in words, as people read it. */
export function wordsOf(call: Call): string {
  if (call.method === 'report_progress') return `progress: ${call.text}`;
  if (call.method === 'signal_done') return `signalled done: ${call.status}`;
  return `${done[call.method]} #${call.number}`;
}

/** A refused write in words. */
export function outOfScope(call: Extract<Call, { body: string }>): string {
  return `refused: ${tried[call.method]} #${call.number} is out of scope`;
}
