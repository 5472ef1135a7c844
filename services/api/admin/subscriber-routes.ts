import { Type } from '@sinclair/typebox';
import { Count, closed, Name, nullable } from '../../../events/fields.ts';
import { EventFilter, PublicKey } from '../../../events/people/account.ts';
import { subscriberStream } from '../../../events/streams.ts';
import type { SubscriberDoc } from '../../../projections/people/guests.ts';
import { AppError } from '../../floor/app-error.ts';
import { keyedLock } from '../../floor/keyed-lock.ts';
import { allAccounts, askedSubjects, subscriberAccount } from '../../io/nats/accounts/client-account.ts';
import {
  ensureSubscriberConsumer,
  eraseDelivered,
  eraseSubscriber,
  subscriberConsumer,
  waitingFor,
} from '../../io/nats/accounts/subscriber-stream.ts';
import { makeUserKey } from '../../io/nats/accounts/user-key.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { checkSubscriber, firstSequence, isKeyShared, keyTaken } from './subscriber-checks.ts';

const Subscriber = Type.Object(
  {
    name: Name,
    public_key: PublicKey,
    ...EventFilter.properties,
    from_seq: Count,
    added_by: Type.String(),
    added_at: Type.String(),
  },
  { title: 'Subscriber' },
);

const Connecting = Type.Object(
  {
    url: nullable(Type.String({ description: 'null when the operator of CRAFTING_NATS_URL has to say it' })),
    api_prefix: Type.String({
      description: 'what to say instead of $JS.API: the option apiPrefix, or the domain in it',
    }),
    stream: Type.String(),
    consumer: Type.String(),
    subjects: Type.Array(Type.String(), { description: 'all that it may publish to; it hears on its _INBOX.>' }),
    operator: nullable(
      Type.String({ description: 'what the operator of another server has to add to its configuration' }),
    ),
  },
  { title: 'SubscriberConnection' },
);

const NewSubscriber = closed({
  name: Name,
  ...Type.Partial(EventFilter).properties,
  from: Type.Optional(
    Type.Union([Count, Type.String({ maxLength: 64 })], {
      description: 'the first sequence wanted, an ISO 8601 time, `start`, or `now`, which it is unless told',
    }),
  ),
  public_key: Type.Optional(PublicKey),
});

const seedWords = 'the secret half of its key, shown this once; null when a public key was given';

/** Other services that take part of the log: added, listed and removed by an admin. */
export const subscriberRoutes: Routes = (app, deps) => {
  const { log, models, nats, accounts } = deps;
  const withLock = keyedLock();
  const list = () => models.query().accounts.subscribers.list();
  const admit = () => accounts.admit(allAccounts(models.query().accounts));

  app.post(
    '/admin/subscribers',
    {
      schema: {
        summary: 'Let another service take part of the log; one that is there already begins anew',
        body: NewSubscriber,
        response: {
          201: success({
            subscriber: Subscriber,
            seed: nullable(Type.String({ description: seedWords })),
            nats: Connecting,
          }),
        },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () =>
        withLock(request.body.name, async () => {
          const { name, events = [], projects = [], severities = [], from = 'now', public_key } = request.body;
          checkSubscriber({ name, events, projects, public_key }, models.query());
          const key = public_key ? { publicKey: public_key, seed: null } : makeUserKey();
          const hearing = { events, projects, severities };
          const from_seq = await firstSequence(from, log);
          const data = { name, public_key: key.publicKey, hearing, from_seq, by: callerOf(request).name };
          const { seq } = await (await decisionOn('SubscriberAdded', name, deps)).append(data);
          await visible(models, seq, reply, 201);
          if (isKeyShared(public_key, { name, seq }, deps)) {
            await (await decisionOn('SubscriberRemoved', name, deps)).append({ name, by: data.by });
            throw keyTaken();
          }
          await eraseDelivered(nats, name, seq);
          await ensureSubscriberConsumer(nats, name);
          await admit();
          reply.header('location', `/admin/subscribers/${name}`);
          const { by: added_by, ...rest } = data;
          const added = list().find((one) => one.name === name) ?? {
            ...rest,
            added_by,
            added_at: new Date(deps.clock.now()).toISOString(),
          };
          return { ok: true as const, subscriber: shown(added), seed: key.seed, nats: connectionOf(added, deps) };
        }),
      ),
  );
  app.get(
    '/admin/subscribers',
    {
      schema: {
        summary: 'Who else takes part of the log, and how many messages wait for each',
        response: {
          200: success({
            subscribers: Type.Array(
              Type.Object({ ...Subscriber.properties, waiting: nullable(Count), nats: Connecting }),
            ),
          }),
        },
      },
    },
    async () => ({
      ok: true as const,
      subscribers: await Promise.all(
        list().map(async (one) => ({
          ...shown(one),
          waiting: await waitingFor(nats, one.name).catch(() => null),
          nats: connectionOf(one, deps),
        })),
      ),
    }),
  );
  app.delete(
    '/admin/subscribers/:name',
    {
      schema: {
        summary: 'Cut a subscriber off and erase what waits for it',
        params: Type.Object({ name: Type.String() }),
        response: { 200: success({ subscriber: Subscriber }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () =>
        withLock(request.params.name, async () => {
          const { name } = request.params;
          const decision = await decisionOn('SubscriberRemoved', name, deps);
          const known = decision.query().accounts.subscribers.find(name);
          if (!known) throw new AppError('not_found', 'There is no such subscriber.');
          const { seq } = await decision.append({ name, by: callerOf(request).name });
          await visible(models, seq, reply, 200);
          await admit();
          await eraseSubscriber(nats, name, seq);
          return { ok: true as const, subscriber: shown(known) };
        }),
      ),
  );
};

function shown({ name, public_key, hearing, from_seq, added_by, added_at }: Omit<SubscriberDoc, 'seq'>) {
  return { name, public_key, ...hearing, from_seq, added_by, added_at };
}

function connectionOf(subscriber: Pick<SubscriberDoc, 'name' | 'public_key'>, { accounts }: ApiDeps) {
  const account = subscriberAccount(subscriber);
  return {
    url: accounts.url,
    api_prefix: accounts.apiPrefix,
    stream: subscriberStream.name,
    consumer: subscriberConsumer(subscriber.name),
    subjects: askedSubjects(account),
    operator: accounts.block(account),
  };
}
