import { Type } from '@sinclair/typebox';
import { Name, nullable } from '../../../events/fields.ts';
import { sentenceOf } from '../../history/rules/event-words.ts';
import { callerOf } from '../authenticate.ts';
import { cursorOf, numberIn } from '../cursor.ts';
import { NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { wholeTeam } from '../teams/team-routes.ts';

const Entry = Type.Object(
  {
    seq: Type.Integer(),
    time: Type.String(),
    by: Type.String({ description: 'the name of the bearer' }),
    event: Type.String(),
    project: nullable(Type.String()),
    team: nullable(Type.String()),
    what: Type.String({ description: 'a sentence' }),
  },
  { title: 'AuditEntry' },
);

/** Who did what, out of the log: nothing is written for it that is not an event. */
export const auditRoutes: Routes = (app, deps) => {
  app.get(
    '/audit',
    {
      schema: {
        summary: 'Who did what to what is your team’s, or to all as admin, newest first (owners)',
        querystring: Type.Object({
          ...pageQuery,
          by: Type.Optional(Name),
          project: Type.Optional(Name),
        }),
        response: { 200: success({ entries: Type.Array(Entry), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { by: actor = null, project = null, limit = 50, cursor } = request.query;
      const team = caller.owner === null ? null : wholeTeam(caller.team, caller, deps);
      const before = numberIn(cursor, Number.MAX_SAFE_INTEGER);
      const found = deps.models.query().audit.page({ team, actor, project, before, limit: limit + 1 });
      const page = found.slice(0, limit);
      const events = await Promise.all(page.map(({ seq }) => deps.log.at(seq)));
      return {
        ok: true as const,
        entries: page.map(({ seq, time, actor: by, event, project: of, team: whose }, at) => {
          const recorded = events[at];
          return { seq, time, by, event, project: of, team: whose, what: recorded ? sentenceOf(recorded) : event };
        }),
        next_cursor: found.length > limit ? cursorOf(page.at(-1)?.seq ?? 0) : null,
      };
    },
  );
};
