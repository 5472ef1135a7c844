import { randomBytes } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { CidrList, closed, Name, nullable } from '../../../events/fields.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { hashBearer } from '../../floor/bearer-hash.ts';
import { parseCidrs } from '../../floor/cidr.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';

const Token = Type.Object(
  {
    name: Name,
    is_admin: Type.Boolean(),
    ip_cidrs: CidrList,
    created_at: Type.String(),
    revoked_at: nullable(Type.String()),
  },
  { title: 'Token' },
);

/** The bearers: made, listed and revoked by an admin. A bearer is shown once. */
export const tokenRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.addHook('preValidation', (request, _reply, done) => {
    const refused = request.routeOptions.url?.startsWith('/admin/') && !callerOf(request).isAdmin;
    if (refused) done(new AppError('forbidden', 'Only an admin bearer may do this.', { name: 'admin_only' }));
    else done();
  });
  app.post(
    '/admin/tokens',
    {
      schema: {
        summary: 'Mint a new bearer',
        body: closed({ name: Name, is_admin: Type.Optional(Type.Boolean()), ip_cidrs: Type.Optional(CidrList) }),
        response: { 201: success({ bearer: Type.String(), token: Token }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { name, is_admin = false, ip_cidrs = [] } = request.body;
        checkCidrs(ip_cidrs);
        const { bearer, seq } = await mint(deps, { name, is_admin, ip_cidrs });
        await visible(models, seq, reply, 201);
        reply.header('location', `/admin/tokens/${name}`);
        return {
          ok: true as const,
          bearer,
          token: listed(deps, name) ?? {
            name,
            is_admin,
            ip_cidrs,
            created_at: new Date(deps.clock.now()).toISOString(),
            revoked_at: null,
          },
        };
      }),
  );
  app.get(
    '/admin/tokens',
    { schema: { summary: 'List bearers', response: { 200: success({ tokens: Type.Array(Token) }) } } },
    async () => ({
      ok: true as const,
      tokens: models.query().tokens.list(),
    }),
  );
  app.delete(
    '/admin/tokens/:name',
    {
      schema: {
        summary: 'Revoke a bearer',
        params: Type.Object({ name: Type.String() }),
        response: { 200: success({ token: Token }) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const decision = await decisionOn('TokenRevoked', name, deps);
      const known = decision.query().tokens.find(name);
      if (!known?.sha256) throw new AppError('not_found', 'There is no such token.');
      const { seq } = await decision.append({ name });
      await visible(models, seq, reply, 200);
      const { sha256: _hash, ...token } = models.query().tokens.find(name) ?? known;
      return { ok: true as const, token };
    },
  );
};

function checkCidrs(cidrs: readonly string[]): void {
  const wrong = cidrs.findIndex((cidr) => !parseCidrs([cidr]));
  if (wrong < 0) return;
  const fault = {
    path: `/body/ip_cidrs/${wrong}`,
    message: 'expected a network such as 192.168.0.0/16 or a single address',
  };
  throw new AppError('invalid', `${fault.path}: ${fault.message}`, { faults: [fault] });
}

function listed({ models }: ApiDeps, name: string) {
  return models
    .query()
    .tokens.list()
    .find((token) => token.name === name);
}

/** Makes a bearer for a name that has none. */
async function mint(
  deps: ApiDeps,
  token: { name: string; is_admin: boolean; ip_cidrs: string[] },
): Promise<{ bearer: string; seq: number }> {
  const taken = () =>
    new AppError('conflict', `There is a token named ${token.name} already; revoke it first.`, { name: 'name_taken' });
  const decision = await decisionOn('TokenMinted', token.name, deps);
  if (decision.query().tokens.find(token.name)?.sha256) throw taken();
  const bearer = `ct_${randomBytes(32).toString('base64url')}`;
  try {
    const { seq } = await decision.append({ ...token, sha256: hashBearer(bearer) });
    return { bearer, seq };
  } catch (error) {
    throw isAppError(error, 'conflict') ? taken() : error;
  }
}
