import { Type } from '@sinclair/typebox';
import { CidrList, closed, Name } from '../../../events/fields.ts';
import { teamOfOne } from '../../../events/people/token.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { hashBearer } from '../../floor/bearer-hash.ts';
import { parseCidrs } from '../../floor/cidr.ts';
import { changedMeanwhile } from '../../projector/decision.ts';
import { callerOf, mustBeAdmin, rightsOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { endOf, mintToken, noSuchToken, revokeToken, rotateToken } from './mint-token.ts';
import { noLaterThan, RightsInput, rightsIn, shownToken, Token, timeToCome } from './token-schema.ts';

const named = Type.Object({ name: Type.String() });
const Rotation = Type.Optional(Type.Union([closed({ expires_at: RightsInput.expires_at }), Type.Null()]));
const Minted = success({ bearer: Type.String(), token: Token });
const anyTeam = () => true;

/** The bearers: made, listed, renewed and revoked by an admin; renewed by whoever has one. A bearer is shown once. */
export const tokenRoutes: Routes = (app, deps) => {
  const { models, clock } = deps;
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.url?.startsWith('/admin/')) mustBeAdmin(callerOf(request));
    done();
  });
  app.post(
    '/admin/tokens',
    {
      schema: {
        summary: 'Mint a new bearer; without `team` it is a team of its own',
        body: closed({
          name: Name,
          is_admin: Type.Optional(Type.Boolean()),
          ip_cidrs: Type.Optional(CidrList),
          team: Type.Optional(Name),
          ...RightsInput,
        }),
        response: { 201: Minted },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { name, is_admin = false, ip_cidrs = [], team = name, ...asked } = request.body;
        checkCidrs(ip_cidrs);
        const members = models
          .query()
          .tokens.ofTeam(team)
          .filter((one) => one.name !== name);
        if (request.body.team === undefined && (models.query().teams.find(team) || members.length > 0))
          throw bodyFault('team', `is needed: a team named ${name} has members; say whether it is to be one of them`);
        const rights = rightsIn(asked, team, {
          nowMs: clock.now(),
          usual: { ...teamOfOne(name), role: usualRole(team, name), expires_at: endOf(callerOf(request), deps) },
        });
        noLaterThan(endOf(callerOf(request), deps), rights.expires_at);
        const { bearer, seq } = await mintToken({ name, is_admin, ip_cidrs, ...rights }, deps);
        await visible(models, seq, reply, 201);
        reply.header('location', `/admin/tokens/${name}`);
        return { ok: true as const, bearer, token: await tokenOf(name, deps) };
      }),
  );
  app.get(
    '/admin/tokens',
    { schema: { summary: 'List bearers', response: { 200: success({ tokens: Type.Array(Token) }) } } },
    async () => ({
      ok: true as const,
      tokens: await Promise.all(
        models
          .query()
          .tokens.list()
          .map((token) => shownToken(token, deps.uses)),
      ),
    }),
  );
  app.post(
    '/admin/tokens/:name/rotate',
    {
      schema: {
        summary: 'Give a name another bearer; the earlier one is refused from now on',
        params: named,
        body: Rotation,
        response: { 201: Minted },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () => {
        const { name } = request.params;
        const known = models.query().tokens.find(name);
        if (known) noLaterThan(endOf(callerOf(request), deps), endAskedFor(request.body, known, deps));
        return rotated(name, request.body, { by: callerOf(request).name, mayRotate: anyTeam, reply, deps });
      }),
  );
  app.delete(
    '/admin/tokens/:name',
    {
      schema: { summary: 'Revoke a bearer', params: named, response: { 200: success({ token: Token }) } },
    },
    async (request, reply) => {
      const { name } = request.params;
      await visible(models, await revokeToken(name, anyTeam, deps), reply, 200);
      return { ok: true as const, token: await tokenOf(name, deps) };
    },
  );
  app.get(
    '/token',
    {
      schema: {
        summary: 'The bearer that asks: whose it is, what it may do, and until when',
        response: { 200: success({ token: Token, can: Type.Array(Type.String()) }) },
      },
    },
    async (request) => {
      const found = models.query().tokens.find(callerOf(request).name);
      if (!found) throw noSuchToken();
      return { ok: true as const, token: await shownToken(found, deps.uses), can: rightsOf(found) };
    },
  );
  app.post(
    '/token/rotate',
    {
      schema: {
        summary:
          'Another bearer for the one that asks, which is refused from now on, even to hear the answer again by an Idempotency-Key: where that was lost, an admin rotates it. It keeps its end',
        response: { 201: Minted },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, () => {
        const { name, team } = callerOf(request);
        return rotated(name, null, { by: name, mayRotate: (of) => of === team, reply, deps });
      }),
  );
};

type Rotating = Omit<Parameters<typeof rotateToken>[1], 'expires_at'> & {
  readonly reply: Parameters<typeof visible>[2];
  readonly deps: ApiDeps;
};

/** The end that a renewed bearer would have. Throws AppError('invalid') for one that has passed. */
export function endAskedFor(
  body: { expires_at?: string | null } | null | undefined,
  known: { readonly expires_at: string | null },
  { clock }: ApiDeps,
): string | null {
  return body?.expires_at === undefined ? known.expires_at : timeToCome(body.expires_at, clock.now());
}

/** Another bearer, as it is answered. */
export async function rotated(
  name: string,
  body: { expires_at?: string | null } | null | undefined,
  { by, mayRotate, reply, deps }: Rotating,
) {
  const end = body?.expires_at;
  const expires = end === undefined ? {} : { expires_at: timeToCome(end, deps.clock.now()) };
  const { bearer, seq } = await rotateToken(name, { by, mayRotate, ...expires }, deps);
  await visible(deps.models, seq, reply, 201);
  if (deps.models.query().tokens.find(name)?.sha256 !== hashBearer(bearer)) throw changedMeanwhile('token', name);
  return { ok: true as const, bearer, token: await tokenOf(name, deps) };
}

export async function tokenOf(name: string, { models, uses }: ApiDeps) {
  const found = models.query().tokens.find(name);
  if (!found) throw new AppError('unavailable', 'The token is made, and cannot be shown yet.', { retryAfterSecs: 1 });
  return shownToken(found, uses);
}

/** Whoever is a team of one owns it; a member of a team is told what to be. */
function usualRole(team: string, name: string) {
  return team === name ? ('owner' as const) : ('maintainer' as const);
}

function checkCidrs(cidrs: readonly string[]): void {
  const wrong = cidrs.findIndex((cidr) => !parseCidrs([cidr]));
  if (wrong >= 0) throw bodyFault(`ip_cidrs/${wrong}`, 'expected a network such as 192.168.0.0/16 or a single address');
}
