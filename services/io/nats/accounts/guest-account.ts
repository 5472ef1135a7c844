import type { guestQueries, SubscriberDoc } from '../../../../projections/guests.ts';
import { askedAs } from '../server-config.ts';
import { runnerGuest } from './runner-permissions.ts';
import { subjectsOfSubscriber, subscriberToken } from './subscriber-stream.ts';

/** A subject of the service's account that a guest may ask. */
export type GuestExport = {
  readonly subject: string;
  /** Whether one question may have several answers. */
  readonly stream?: boolean;
};

/**
 * Somebody else on the log's server. Permissions inside one account would not be enough: who may merely ask can name any
 * subject for the answer, also that of an event. An account of its own reaches the subjects it was given, and its
 * answers stay inside it.
 */
export type Guest = {
  readonly account: string;
  /** The public half of its key; the other one never comes here. */
  readonly publicKey: string;
  readonly exports: readonly GuestExport[];
};

/** What a subscriber may do on the server: take from its own consumer, acknowledge, look how far it is. */
export function guestOf({ name, public_key }: Pick<SubscriberDoc, 'name' | 'public_key'>): Guest {
  const { info, next, acks } = subjectsOfSubscriber(name);
  return {
    account: `SUBSCRIBER-${subscriberToken(name)}`,
    publicKey: public_key,
    exports: [{ subject: info }, { subject: next, stream: true }, { subject: acks }],
  };
}

/** Everybody who may connect beside the farm itself. */
export function allGuests({ subscribers, runners }: ReturnType<typeof guestQueries>): Guest[] {
  return [...subscribers.list().map(guestOf), ...runners.list().map(runnerGuest)];
}

/** The subjects under which a guest asks for what it may. */
export function askedSubjects({ exports }: Guest): string[] {
  return exports.map(({ subject }) => askedAs(subject));
}
