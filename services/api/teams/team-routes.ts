import { Type } from '@sinclair/typebox';
import { CidrList, closed, Name, text } from '../../../events/fields.ts';
import { teamOfOne } from '../../../events/people/token.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { allowedTo, type Caller, callerOf, mustBeAdmin, rightsOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { IfMatch, refuseOthers, tag } from '../if-match.ts';
import { endOf, mintToken, noSuchToken, revokeToken } from '../tokens/mint-token.ts';
import { endAskedFor, rotated, tokenOf } from '../tokens/token-routes.ts';
import { noLaterThan, RightsInput, rightsIn, shownToken, Token } from '../tokens/token-schema.ts';
import { visible } from '../visible.ts';
import { tokenChangedSince, tokenVersion } from './changed-token.ts';

const Team = Type.Object(
  {
    team: Type.String(),
    title: Type.String(),
    tokens: Type.Integer(),
    projects: Type.Array(Type.String()),
    offers: Type.Array(Type.Object({ project: Type.String(), from: Type.String(), offered_at: Type.String() }), {
      description: 'projects that it may have: POST /projects/{name}/hand-over/accept',
    }),
  },
  { title: 'Team' },
);
const named = Type.Object({ team: Type.String() });
const member = Type.Object({ team: Type.String(), name: Type.String() });
const Rotation = Type.Optional(Type.Union([closed({ expires_at: RightsInput.expires_at }), Type.Null()]));
const Minted = success({ bearer: Type.String(), token: Token });
const mostListed = 1_000;

/** Teams: what they have, and who is in them, each by a bearer of its own with a role. */
export const teamRoutes: Routes = (app, deps) => {
  const { models, clock } = deps;
  app.post(
    '/teams',
    {
      schema: {
        summary: 'Make a team (admin)',
        body: closed({ team: Name, title: Type.Optional(text(200)) }),
        response: { 201: success({ team: Team }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { team, title = '' } = request.body;
        const caller = callerOf(request);
        mustBeAdmin(caller);
        const taken = () => new AppError('conflict', `There is a team named ${team} already.`, { name: 'name_taken' });
        const decision = await decisionOn('TeamCreated', team, deps);
        if (decision.query().teams.find(team) || isInUse(team, deps)) throw taken();
        const { seq } = await decision.append({ team, title, by: caller.name }, { refusal: taken });
        await visible(models, seq, reply, 201);
        reply.header('location', `/teams/${team}`);
        return { ok: true as const, team: shownTeam(team, caller, deps) };
      }),
  );
  app.get(
    '/teams',
    {
      schema: {
        summary: 'Your team, or all of them as admin',
        response: { 200: success({ teams: Type.Array(Team) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const names = caller.owner === null ? models.query().teams.names() : [caller.team];
      return { ok: true as const, teams: names.slice(0, mostListed).map((team) => shownTeam(team, caller, deps)) };
    },
  );
  app.get(
    '/teams/:team',
    { schema: { summary: 'A team', params: named, response: { 200: success({ team: Team }) } } },
    async (request) => {
      const caller = callerOf(request);
      return { ok: true as const, team: shownTeam(ownTeam(request.params.team, caller, deps), caller, deps) };
    },
  );
  app.delete(
    '/teams/:team',
    {
      schema: {
        summary: 'Remove a team that has neither bearers nor projects (admin)',
        params: named,
        response: { 200: success({ team: Type.String() }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { team } = request.params;
      if (caller.owner !== null) throw noSuchTeam();
      const decision = await decisionOn('TeamRemoved', team, deps);
      if (!decision.query().teams.find(team)) throw noSuchTeam();
      if (isInUse(team, deps))
        throw new AppError('conflict', `The team ${team} has bearers or projects.`, { name: 'team_in_use' });
      const secrets = decision.query().secrets.of('team', team);
      const { seq } = await decision.append({ team, by: caller.name });
      for (const { value_ref } of secrets) await deps.vault.erase(value_ref).catch(() => {});
      await visible(models, seq, reply, 200);
      return { ok: true as const, team };
    },
  );
  app.get(
    '/teams/:team/tokens',
    {
      schema: {
        summary: 'The bearers of a team, with their roles (its owners)',
        params: named,
        response: { 200: success({ tokens: Type.Array(Token) }) },
      },
    },
    async (request) => {
      const team = wholeTeam(request.params.team, callerOf(request), deps);
      const tokens = models.query().tokens.ofTeam(team);
      return { ok: true as const, tokens: await Promise.all(tokens.map((token) => shownToken(token, deps.uses))) };
    },
  );
  app.post(
    '/teams/:team/tokens',
    {
      schema: {
        summary: 'Mint a bearer of the team (its owners); its name begins with that of the team and a dot',
        params: named,
        body: closed({ name: Name, ip_cidrs: Type.Optional(CidrList), ...RightsInput }),
        response: { 201: Minted },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const team = wholeTeam(request.params.team, caller, deps);
        const { name, ip_cidrs = [], ...asked } = request.body;
        // Names are one space: so no team learns of another one's by a name that is taken.
        if (!name.startsWith(`${team}.`)) throw bodyFault('name', `expected ${team}.<something>`);
        const own = endOf(caller, deps);
        const { role = 'viewer' } = asked;
        // All that the role may do, of what the caller may himself.
        const scopes = allowedTo[role].filter((scope) => caller.can.has(scope));
        const usual = { ...teamOfOne(team), role, scopes, expires_at: own };
        const rights = rightsIn(asked, team, { nowMs: clock.now(), usual });
        noMoreThan(caller, rights.scopes);
        noLaterThan(own, rights.expires_at);
        const { bearer, seq } = await mintToken({ name, is_admin: false, ip_cidrs, ...rights }, deps);
        await visible(models, seq, reply, 201);
        return { ok: true as const, bearer, token: await tokenOf(name, deps) };
      }),
  );
  app.get(
    '/teams/:team/tokens/:name',
    {
      schema: {
        summary: 'A bearer of the team, with its role (its owners)',
        params: member,
        response: { 200: success({ token: Token }) },
      },
    },
    async (request, reply) => {
      const team = wholeTeam(request.params.team, callerOf(request), deps);
      // Before it is looked at: what is shown is this version or a later one, and never passes for an older one.
      const version = await tokenVersion(request.params.name, deps);
      const known = models.query().tokens.find(request.params.name);
      if (known?.team !== team) throw noSuchToken();
      tag(reply, version);
      return { ok: true as const, token: await shownToken(known, deps.uses) };
    },
  );
  app.put(
    '/teams/:team/tokens/:name',
    {
      schema: {
        summary: 'Change the role, the scopes, the projects or the end of a bearer (its owners)',
        params: member,
        headers: IfMatch,
        body: closed(RightsInput),
        response: { 200: success({ token: Token }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const team = wholeTeam(request.params.team, caller, deps);
      const { name } = request.params;
      const decision = await decisionOn('TokenChanged', name, deps);
      const known = decision.query().tokens.find(name);
      if (!known?.sha256 || known.team !== team || (known.is_admin && !caller.isAdmin)) throw noSuchToken();
      await refuseOthers(request.headers, { seq: decision.at, reply }, (seen) =>
        tokenChangedSince(seen, { name, version: decision.at }, deps),
      );
      const rights = rightsIn(request.body, team, { nowMs: clock.now(), usual: known });
      noMoreThan(caller, rights.scopes);
      if (rights.expires_at !== known.expires_at) noLaterThan(endOf(caller, deps), rights.expires_at);
      const { seq } = await decision.append({ name, ...rights, was: known.sha256, by: caller.name });
      await visible(models, seq, reply, 200);
      tag(reply, seq);
      return { ok: true as const, token: await tokenOf(name, deps) };
    },
  );
  app.post(
    '/teams/:team/tokens/:name/rotate',
    {
      schema: {
        summary: 'Another bearer for a name of the team (its owners)',
        params: member,
        body: Rotation,
        response: { 201: Minted },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { name } = request.params;
        const team = wholeTeam(request.params.team, caller, deps);
        noAdmin(name, caller, deps);
        // Whoever renews a bearer holds it: it must be no stronger than his own, and end no later.
        const known = models.query().tokens.find(name);
        if (known?.team === team) {
          noMoreThan(caller, rightsOf(known));
          noLaterThan(endOf(caller, deps), endAskedFor(request.body, known, deps));
        }
        return rotated(name, request.body, { by: caller.name, mayRotate: (of) => of === team, reply, deps });
      }),
  );
  app.delete(
    '/teams/:team/tokens/:name',
    {
      schema: {
        summary: 'Revoke a bearer of the team (its owners)',
        params: member,
        response: { 200: success({ token: Token }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const team = wholeTeam(request.params.team, caller, deps);
      const { name } = request.params;
      noAdmin(name, caller, deps);
      await visible(models, await revokeToken(name, (of) => of === team, deps), reply, 200);
      return { ok: true as const, token: await tokenOf(name, deps) };
    },
  );
};

/** The name of a team that the caller may see; not there and somebody else's look the same. */
function ownTeam(team: string, caller: Caller, { models }: ApiDeps): string {
  if (caller.owner === null ? models.query().teams.names().includes(team) : team === caller.team) return team;
  throw noSuchTeam();
}

/** The same, for what is of the whole team: a bearer that is narrowed to some projects has no part in it. */
export function wholeTeam(team: string, caller: Caller, deps: ApiDeps): string {
  const own = ownTeam(team, caller, deps);
  if (caller.projects === null) return own;
  throw new AppError('forbidden', 'This is of the whole team; this bearer is narrowed to some projects.', {
    name: 'project_not_in_scope',
  });
}

function shownTeam(team: string, { projects: among }: Caller, { models }: ApiDeps) {
  const { teams, tokens, projects } = models.query();
  const offers = among === null ? teams.offersTo(team) : [];
  return {
    team,
    title: teams.find(team)?.title ?? '',
    tokens: tokens.ofTeam(team).length,
    projects: projects.page({ owner: team, among, after: '', limit: mostListed }).map(({ name }) => name),
    offers: offers.map(({ project, owner: from, offered_at }) => ({ project, from, offered_at })),
  };
}

function isInUse(team: string, { models }: ApiDeps): boolean {
  const { tokens, projects } = models.query();
  return tokens.ofTeam(team).length > 0 || projects.page({ owner: team, after: '', limit: 1 }).length > 0;
}

/** Nobody gives what he has not. */
function noMoreThan({ can }: Caller, scopes: readonly string[]): void {
  const more = scopes.find((scope) => !can.has(scope as 'read'));
  if (more !== undefined)
    throw new AppError('forbidden', `This bearer has not the scope ${more}, and cannot give it.`, {
      name: 'scope_missing',
    });
}

/** An admin's bearer is no team's to renew or to take away. */
function noAdmin(name: string, caller: Caller, { models }: ApiDeps): void {
  if (!caller.isAdmin && models.query().tokens.find(name)?.is_admin) throw noSuchToken();
}

function noSuchTeam(): AppError {
  return new AppError('not_found', 'There is no such team.');
}
