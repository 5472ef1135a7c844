import { connect, headers, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { subscriberAccount } from '../../../../services/io/nats/accounts/client-account.ts';
import {
  ensureSubscriberConsumer,
  subscriberSubject,
} from '../../../../services/io/nats/accounts/subscriber-stream.ts';
import { makeUserKey } from '../../../../services/io/nats/accounts/user-key.ts';
import { type Parts, withNats } from '../../../support/farm-parts.ts';

export type AccountStage = Parts & {
  /** Two subscribers that have been let in, by name, with their keys. */
  readonly ann: Subscriber;
  readonly bob: Subscriber;
  /** Stores messages for one, as the relay does. */
  tell(name: string, texts: readonly string[]): Promise<void>;
};

export type Subscriber = { readonly name: string; readonly public_key: string; readonly seed: string };

export function newSubscriber(name: string): Subscriber {
  const { publicKey, seed } = makeUserKey();
  return { name, public_key: publicKey, seed };
}

/** A connection with the key of one; it ends where the server ends it. */
export function connectAs({ seed }: Subscriber, url: string): Promise<NatsConnection> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  return connect({ servers: url, authenticator, reconnect: false, ignoreAuthErrorAbort: false });
}

/** The farm's own server with two subscribers. */
export function withAccounts(work: (stage: AccountStage) => Promise<void>): Promise<void> {
  return withNats(async (parts) => {
    const [ann, bob] = [newSubscriber('ann'), newSubscriber('bob')];
    for (const { name } of [ann, bob]) await ensureSubscriberConsumer(parts.nats, name);
    await parts.server.admit([ann, bob].map(subscriberAccount));
    const tell = async (name: string, texts: readonly string[]) => {
      for (const [at, text] of texts.entries()) {
        const more = headers();
        more.set('Ct-Sequence', String(at + 1));
        await parts.nats.js.publish(subscriberSubject(name), text, { headers: more });
      }
    };
    await work({ ...parts, ann, bob, tell });
  });
}
