import { Type } from '@sinclair/typebox';
import { Name, nullable, oneOf } from '../../../events/fields.ts';
import { checkLog } from '../../checkpoints/check-log.ts';
import { keptHead, keptHeadPattern } from '../../checkpoints/rules/kept-head.ts';
import { sentenceOf } from '../../history/rules/event-words.ts';
import { cursorOf, numberIn } from '../answers/cursor.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
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

const Report = {
  whole: Type.Boolean({ description: 'false: something is wrong, `fault` says what comes first' }),
  events: Type.Integer(),
  checkpoints: Type.Integer(),
  covered: Type.Integer({ description: 'the last event that a checkpoint vouches for' }),
  head: Type.String({ description: 'SHA-256 over all events up to that one' }),
  held_to: Type.Integer({ description: 'the last event of a head kept outside the log that was found in it; 0: none' }),
  keys: Type.Array(Type.String(), { description: 'the keys that signed the checkpoints' }),
  fault: nullable(
    Type.Object({
      seq: Type.Integer(),
      kind: oneOf(['changed', 'missing', 'added', 'checkpoint']),
      detail: Type.String(),
    }),
  ),
};

/** Who did what, out of the log: nothing is written for it that is not an event. */
export const auditRoutes: Routes = (app, deps) => {
  app.post(
    '/admin/audit/verify',
    {
      schema: {
        summary: 'Hold the log against its signed checkpoints, and name the first event that is another one',
        querystring: Type.Object({
          head: Type.Optional(
            Type.String({
              pattern: keptHeadPattern,
              description: 'SEQ:DIGEST that was kept elsewhere: it has to be there',
            }),
          ),
        }),
        response: { 200: success(Report) },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      const {
        ok,
        foreign_keys: _,
        keys,
        ...report
      } = await checkLog(deps.nats, null, {
        dataDir: deps.config.dataDir,
        heads: request.query.head === undefined ? [] : [keptHead(request.query.head)],
      });
      return { ok: true as const, whole: ok, keys: [...keys], ...report };
    },
  );
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
