import { Type } from '@sinclair/typebox';
import { closed, nullable } from '../../../events/fields.ts';
import { AppError } from '../../floor/app-error.ts';
import { hashBearer } from '../../floor/bearer-hash.ts';
import { pagePath } from '../../floor/page-paths.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { isFromElsewhere } from './same-origin.ts';
import { sessionCookie, sessionIdIn } from './session-cookie.ts';
import { longestSessionMs, type SessionBearer } from './session-store.ts';

export const Session = Type.Object(
  {
    name: Type.String({ description: 'of the bearer' }),
    created_at: Type.String(),
    ends_at: Type.String({ description: 'at the latest; earlier when its bearer ends or it is not used for 7 days' }),
  },
  { title: 'Session' },
);

/** Sessions of browsers: a bearer is shown once and is not kept in the page; a cookie that no script reads stands for it. */
export const sessionRoutes: Routes = (app, { sessions, identifyHash, config }) => {
  app.post(
    '/session',
    {
      schema: {
        summary: 'Sign a browser in by a bearer, or by a code that is good once; the answer sets a cookie',
        security: [],
        body: closed({
          token: Type.Optional(Type.String({ maxLength: 512 })),
          code: Type.Optional(Type.String({ maxLength: 128 })),
        }),
        response: { 201: success({ session: Session }) },
      },
    },
    async (request, reply) => {
      const { token, code } = request.body;
      if (isFromElsewhere(request, config.publicUrl))
        throw new AppError('forbidden', 'Sign in on the pages of the farm, not from another site.', {
          name: 'cross_site',
        });
      if ((token === undefined) === (code === undefined))
        throw new AppError('invalid', '/body: expected either token or code', {
          faults: [{ path: '/body', message: 'expected either token or code' }],
        });
      const bearer: SessionBearer | null =
        token === undefined ? await sessions.takeCode(code ?? '') : { name: '', sha256: hashBearer(token.trim()) };
      const caller = bearer && identifyHash(bearer.sha256, request);
      if (!caller)
        throw new AppError(
          'unauthorized',
          code === undefined
            ? 'This token is not known here, has ended, or is not taken from this address.'
            : 'This link was used already or has expired: crafting-table open prints another one.',
          { name: code === undefined ? 'unknown_token' : 'code_spent' },
        );
      const earlier = sessionIdIn(request);
      if (earlier) await sessions.end(earlier);
      const { id, session } = await sessions.open(caller);
      reply.header('set-cookie', sessionCookie(request, config.publicUrl, { id, maxAgeSecs: longestSessionMs / 1000 }));
      reply.header('cache-control', 'no-store');
      reply.code(201);
      const { name, created_at, ends_at } = session;
      return { ok: true as const, session: { name, created_at, ends_at } };
    },
  );
  app.delete(
    '/session',
    {
      schema: {
        summary: 'Sign out: the session of this browser ends; the bearer stays',
        response: { 200: success({ session: nullable(Session) }) },
      },
    },
    async (request, reply) => {
      callerOf(request);
      const id = sessionIdIn(request);
      if (id && request.session) await sessions.end(id);
      reply.header('set-cookie', sessionCookie(request, config.publicUrl));
      return { ok: true as const, session: request.session && shown(request.session) };
    },
  );
  app.post(
    '/session/codes',
    {
      schema: {
        summary: 'A code that signs a browser in as the bearer that asks, once and within ten minutes',
        response: {
          201: success({
            code: Type.String(),
            path: Type.String({ description: 'of the page; the code stands in the fragment, which no server sees' }),
            expires_at: Type.String(),
          }),
        },
      },
    },
    async (request, reply) => {
      const { code, expires_at } = await sessions.issueCode(callerOf(request));
      reply.header('cache-control', 'no-store').code(201);
      return { ok: true as const, code, path: `${pagePath.signIn()}#code=${code}`, expires_at };
    },
  );
};

const shown = ({ name, created_at, ends_at }: { name: string; created_at: string; ends_at: string }) => ({
  name,
  created_at,
  ends_at,
});
