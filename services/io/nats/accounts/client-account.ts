import type { accountQueries, SubscriberDoc } from '../../../../projections/guests.ts';
import { askedAs } from '../server-config.ts';
import { runnerAccount } from './runner-permissions.ts';
import { subjectsOfSubscriber, subscriberToken } from './subscriber-stream.ts';

/** A subject of the service's account that a client account may ask. */
export type AccountExport = {
  readonly subject: string;
  /** Whether one question may have several answers. */
  readonly stream?: boolean;
};

/**
 * Somebody else on the log's server. Permissions inside one account would not be enough: who may merely ask can name any
 * subject for the answer, also that of an event. An account of its own reaches the subjects it was given, and its
 * answers stay inside it.
 */
export type ClientAccount = {
  readonly account: string;
  /** The public half of its key; the other one never comes here. */
  readonly publicKey: string;
  readonly exports: readonly AccountExport[];
};

/** What a subscriber may do on the server: take from its own consumer, acknowledge, look how far it is. */
export function subscriberAccount({ name, public_key }: Pick<SubscriberDoc, 'name' | 'public_key'>): ClientAccount {
  const { info, next, acks } = subjectsOfSubscriber(name);
  return {
    account: `SUBSCRIBER-${subscriberToken(name)}`,
    publicKey: public_key,
    exports: [{ subject: info }, { subject: next, stream: true }, { subject: acks }],
  };
}

/** Everybody who may connect beside the farm itself. */
export function allAccounts({ subscribers, runners }: ReturnType<typeof accountQueries>): ClientAccount[] {
  return [...subscribers.list().map(subscriberAccount), ...runners.list().map(runnerAccount)];
}

/** The subjects under which a client account asks for what it may. */
export function askedSubjects({ exports }: ClientAccount): string[] {
  return exports.map(({ subject }) => askedAs(subject));
}
