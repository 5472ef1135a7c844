import type { accountQueries, SubscriberDoc } from '../../../../projections/people/guests.ts';
import { askedAs, type ClientAccount } from './account-subjects.ts';
import { runnerAccount } from './runner-permissions.ts';
import { subjectsOfSubscriber, subscriberToken } from './subscriber-stream.ts';

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
