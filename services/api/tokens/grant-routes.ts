import { Type } from '@sinclair/typebox';
import { closed, Name } from '../../../events/fields.ts';
import { RepositoryPattern } from '../../../events/people/grant.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';

const Grant = Type.Object(
  {
    team: Name,
    repositories: Type.String({ description: '`owner/name`, `owner/*` or `*`' }),
    by: Type.String(),
    added_at: Type.String(),
  },
  { title: 'Grant' },
);
const Named = closed({ team: Name, repositories: RepositoryPattern });

/** For which repositories whose projects may use the farm's own credential of a forge: said by an admin. */
export const grantRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.post(
    '/admin/grants',
    {
      schema: {
        summary: "Let the projects of a team use the farm's forge token for these repositories",
        body: Named,
        response: { 200: success({ grant: Grant }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { team, repositories } = request.body;
        const decision = await decisionOn('GrantAdded', idOf(request.body), deps);
        const there = decision.query().grants.find(team, repositories);
        if (there) return { ok: true as const, grant: there };
        const by = callerOf(request).name;
        const { seq } = await decision.append({ team, repositories, by });
        await visible(models, seq, reply, 200);
        return { ok: true as const, grant: found(request.body, deps) ?? { team, repositories, by, added_at: '' } };
      }),
  );
  app.get(
    '/admin/grants',
    {
      schema: {
        summary: "Which projects may use the farm's forge tokens, and for which repositories",
        response: { 200: success({ grants: Type.Array(Grant) }) },
      },
    },
    async () => ({ ok: true as const, grants: models.query().grants.list() }),
  );
  app.delete(
    '/admin/grants',
    {
      schema: {
        summary: 'Take a grant back: nothing more is sent in the name of these projects',
        querystring: Named,
        response: { 200: success({ grant: Grant }) },
      },
    },
    async (request, reply) => {
      const { team, repositories } = request.query;
      const decision = await decisionOn('GrantRemoved', idOf(request.query), deps);
      const there = decision.query().grants.find(team, repositories);
      if (!there) throw new AppError('not_found', 'There is no such grant.');
      const made = await decision.tryAppend({ team, repositories, by: callerOf(request).name });
      // Else somebody has taken it back at the same moment, which is what was wanted.
      if (made) await visible(models, made.seq, reply, 200);
      return { ok: true as const, grant: there };
    },
  );
};

type Asked = { readonly team: string; readonly repositories: string };

const idOf = ({ team, repositories }: Asked) => `${team}/${repositories}`;
const found = ({ team, repositories }: Asked, { models }: ApiDeps) => models.query().grants.find(team, repositories);
