import { Type } from '@sinclair/typebox';
import { oneOf } from '../../../events/fields.ts';
import { AppError } from '../../floor/app-error.ts';
import { changesBetween } from '../../history/compare-as-of.ts';
import { comparedEntities, EntityChange } from '../../history/rules/entity-change.ts';
import { touchedRanges } from '../../history/touched-entities.ts';
import { cursorOf, textIn } from '../answers/cursor.ts';
import { type View, viewAtSequence } from '../answers/ready-answer.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { NextCursor, pageQuery, type Routes, success } from '../define.ts';

const AsOf = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });

/** What differs as of two points of the log, and by which events. */
export const diffRoutes: Routes = (app, deps) => {
  const ranges = touchedRanges(deps.log);
  app.get(
    '/diff',
    {
      schema: {
        summary:
          'Which projects, jobs, findings and patches differ between two sequences or times, and by which events',
        querystring: Type.Object({
          ...pageQuery,
          from: AsOf('a sequence of the log or an ISO 8601 time'),
          to: Type.Optional(AsOf('the same; the end of the log unless told')),
          project: Type.Optional(Type.String()),
          entity: Type.Optional(oneOf(comparedEntities)),
        }),
        response: {
          200: success({
            from: Type.Integer(),
            to: Type.Integer(),
            changes: Type.Array(EntityChange),
            next_cursor: NextCursor,
          }),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { from: fromText, to: toText, project = null, entity = null, limit = 50, cursor } = request.query;
      const [pinned, start] = placeIn(cursor);
      const end = await deps.log.end();
      const from = Math.min(end, await sequenceAt(fromText, deps.log));
      // Pages of one answer end at one event, whatever has come since.
      const to = Math.min(end, pinned ?? (toText === undefined ? end : await sequenceAt(toText, deps.log)));
      if (from > to)
        throw new AppError('invalid', `from (event ${from}) lies after to (event ${to}).`, {
          faults: [{ path: '/querystring/from', message: 'lies after to' }],
        });
      const range = await ranges(from, to);
      const before = await viewAtSequence(from, { caller, reply }, deps);
      const after = await viewAtSequence(to, { caller, reply }, deps);
      if (project !== null && ![before, after].some((view) => isSeen(project, caller, view)))
        throw new AppError('not_found', 'There is no such project.');
      const asked = { owner: caller.owner, among: caller.projects, project, entity, before, after, range };
      const { changes, next } = changesBetween(asked, start, limit);
      return { ok: true as const, from, to, changes, next_cursor: next === null ? null : cursorOf(`${to}.${next}`) };
    },
  );
};

/** The end of the range and the place in it that a cursor holds. */
function placeIn(cursor: string | undefined): readonly [number | null, number] {
  const [, to, start] = /^(\d{1,15})\.(\d{1,9})$/.exec(textIn(cursor, '')) ?? [];
  return to === undefined ? [null, 0] : [Number(to), Number(start)];
}

function isSeen(name: string, caller: Caller, { models, shows }: View): boolean {
  const project = models.query().projects.find(name);
  return project !== undefined && shows(name) && sees(caller, name, project.owner);
}
