import { Type } from '@sinclair/typebox';
import { closed, Name, nullable } from '../../../events/fields.ts';
import { PublicKey } from '../../../events/people/account.ts';
import type { RunnerDoc } from '../../../projections/people/guests.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { keyedLock } from '../../floor/keyed-lock.ts';
import { allAccounts } from '../../io/nats/accounts/client-account.ts';
import { runnerFile } from '../../io/nats/accounts/runner-file.ts';
import { runnerAccount } from '../../io/nats/accounts/runner-permissions.ts';
import { isUserKey, makeUserKey } from '../../io/nats/accounts/user-key.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { isKeyShared, keyTaken } from './subscriber-checks.ts';

/** Each is an account on the server. */
const mostRunners = 200;

const Runner = Type.Object(
  { name: Name, public_key: PublicKey, added_by: Type.String(), added_at: Type.String() },
  { title: 'Runner' },
);

const Connecting = Type.Object(
  {
    url: nullable(Type.String({ description: 'null when the operator of CRAFTING_NATS_URL has to say it' })),
    operator: nullable(
      Type.String({ description: 'what the operator of another server has to add to its configuration' }),
    ),
  },
  { title: 'RunnerConnection' },
);

const fileWords =
  'the file that CRAFTING_NATS_CREDS names on that machine, shown this once; null when a public key was given';

/** Runners on other machines, with an account of their own on the log's server: added, listed and removed by an admin. */
export const runnerRoutes: Routes = (app, deps) => {
  const { models, accounts } = deps;
  const withLock = keyedLock();
  const admit = () => accounts.admit(allAccounts(models.query().accounts));

  app.post(
    '/admin/runners',
    {
      schema: {
        summary: 'Let a runner on another machine take jobs; one that is there already gets a new credential',
        body: closed({ name: Name, public_key: Type.Optional(PublicKey) }),
        response: {
          201: success({
            runner: Runner,
            credentials: nullable(Type.String({ description: fileWords })),
            nats: Connecting,
          }),
        },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () =>
        withLock('', async () => {
          const { name, public_key } = request.body;
          checkRunner(request.body, deps);
          const key = public_key ? { publicKey: public_key, seed: null } : makeUserKey();
          const data = { name, public_key: key.publicKey, by: callerOf(request).name };
          const { seq } = await (await decisionOn('RunnerAdded', name, deps)).append(data);
          await visible(models, seq, reply, 201);
          if (isKeyShared(public_key, { name, seq }, deps)) {
            await (await decisionOn('RunnerRemoved', name, deps)).append({ name, by: data.by });
            throw keyTaken();
          }
          await admit();
          reply.header('location', `/admin/runners/${name}`);
          const added = models.query().accounts.runners.find(name) ?? {
            name,
            public_key: key.publicKey,
            added_by: data.by,
            added_at: new Date(deps.clock.now()).toISOString(),
          };
          const credentials = key.seed === null ? null : runnerFile(name, key.seed);
          return { ok: true as const, runner: shown(added), credentials, nats: connectionOf(added, deps) };
        }),
      ),
  );
  app.get(
    '/admin/runners',
    {
      schema: {
        summary: 'The runners that have an account of their own',
        response: {
          200: success({ runners: Type.Array(Type.Object({ ...Runner.properties, nats: Connecting })) }),
        },
      },
    },
    async () => ({
      ok: true as const,
      runners: models
        .query()
        .accounts.runners.list()
        .map((one) => ({ ...shown(one), nats: connectionOf(one, deps) })),
    }),
  );
  app.delete(
    '/admin/runners/:name',
    {
      schema: {
        summary: 'Cut a runner off: what it runs ends as lost',
        params: Type.Object({ name: Type.String() }),
        response: { 200: success({ runner: Runner }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () =>
        withLock('', async () => {
          const { name } = request.params;
          const decision = await decisionOn('RunnerRemoved', name, deps);
          const known = decision.query().accounts.runners.find(name);
          if (!known) throw new AppError('not_found', 'There is no such runner.');
          const { seq } = await decision.append({ name, by: callerOf(request).name });
          await visible(models, seq, reply, 200);
          await admit();
          return { ok: true as const, runner: shown(known) };
        }),
      ),
  );
};

function checkRunner({ name, public_key }: { name: string; public_key?: string }, { models }: ApiDeps): void {
  const { subscribers, runners } = models.query().accounts;
  const others = runners.list().filter((one) => one.name !== name);
  if (others.length >= mostRunners)
    throw new AppError('conflict', `There are ${others.length} runners; ${mostRunners} is the limit.`, {
      name: 'too_many_runners',
    });
  if (public_key === undefined) return;
  if (!isUserKey(public_key)) throw bodyFault('public_key', 'expected the public key of a NATS user (U…)');
  if ([...others, ...subscribers.list()].some((one) => one.public_key === public_key)) throw keyTaken();
}

function shown({ name, public_key, added_by, added_at }: Omit<RunnerDoc, 'seq'>) {
  return { name, public_key, added_by, added_at };
}

function connectionOf(runner: Pick<RunnerDoc, 'name' | 'public_key'>, { accounts }: ApiDeps) {
  return { url: accounts.url, operator: accounts.block(runnerAccount(runner)) };
}
