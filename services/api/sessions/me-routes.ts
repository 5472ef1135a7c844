import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import { callerOf, rightsOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { noSuchToken } from '../tokens/mint-token.ts';
import { shownToken, Token } from '../tokens/token-schema.ts';
import { Session } from './session-routes.ts';

const Farm = Type.Object(
  {
    version: Type.String(),
    public_url: nullable(Type.String()),
    time_zone: Type.String({ description: 'IANA; in it days of digests and schedules are meant' }),
    now: Type.String({ description: 'ISO 8601' }),
    features: Type.Object({
      digest: Type.Boolean({ description: 'mails are sent' }),
      patches: Type.Boolean({ description: 'pull requests can be opened, or branches are enough' }),
      agent: Type.Boolean({ description: 'an agent can be asked for drafts' }),
      forge_webhook: Type.Boolean(),
      local_repositories: Type.Boolean(),
    }),
  },
  { title: 'FarmFacts' },
);

/** Who asks, and where: all that a page or an agent needs to know before it shows anything. */
export const meRoutes: Routes = (app, { models, config, version, clock, uses }) => {
  app.get(
    '/me',
    {
      schema: {
        summary: 'Who asks: the bearer, its teams and rights, the session, and what this farm has',
        response: {
          200: success({
            token: Token,
            can: Type.Array(Type.String(), { description: 'what role and scopes allow together' }),
            teams: Type.Array(Type.String(), { description: 'whose things are seen; all of them as admin' }),
            session: nullable(Session),
            farm: Farm,
          }),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { tokens, teams } = models.query();
      const found = tokens.find(caller.name);
      if (!found) throw noSuchToken();
      const { session } = request;
      const { publicUrl, digestTimezone, smtp, patcher, webhookSecret, allowLocalRepos } = config;
      return {
        ok: true as const,
        token: await shownToken(found, uses),
        can: rightsOf(found),
        teams: caller.owner === null ? teams.names() : [caller.team],
        session: session && { name: session.name, created_at: session.created_at, ends_at: session.ends_at },
        farm: {
          version,
          public_url: publicUrl,
          time_zone: digestTimezone,
          now: new Date(clock.now()).toISOString(),
          features: {
            digest: smtp !== null,
            patches: patcher.missing.length === 0,
            agent: patcher.missingForAgent.length === 0,
            forge_webhook: webhookSecret !== null,
            local_repositories: allowLocalRepos,
          },
        },
      };
    },
  );
};
