import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import { AppError } from '../../floor/app-error.ts';
import { callerOf } from '../authenticate.ts';
import { type RouteDeps, type Routes, success } from '../define.ts';
import { ownJob } from './job-routes.ts';
import { type LogSpan, lineFeed, logIndexes, spanOf } from './log-line-index.ts';

const byId = Type.Object({ id: Type.String() });
const mostMatches = 1_000;

/** Lines of a log by their number, and where something stands in it. */
export const logLineRoutes: Routes = (app, deps) => {
  const { logs } = deps;
  const indexes = logIndexes(logs);
  app.get(
    '/jobs/:id/log/lines',
    {
      schema: {
        summary: 'Lines of a log by their number; `end=1` gives the last ones',
        params: byId,
        querystring: Type.Object({
          from: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
          count: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000, default: 500 })),
          end: Type.Optional(Type.Literal('1')),
        }),
        response: {
          200: success({
            first: Type.Integer({ description: 'number of the first line that is given, from 1' }),
            lines: Type.Array(Type.String(), { description: 'longer than 10,000 characters: cut' }),
            total_lines: nullable(Type.Integer({ description: 'null while they are counted: ask again' })),
            first_error_line: nullable(
              Type.Integer({
                description: 'the first that says that something failed; null also while it is looked for',
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const { from = 1, count = 500, end } = request.query;
      const span = await keptSpan(request.params.id, callerOf(request), deps);
      const found = end === '1' ? await indexes.last(span, count) : await indexes.lines(span, from, count);
      return { ok: true as const, ...found };
    },
  );
  app.get(
    '/jobs/:id/log/search',
    {
      schema: {
        summary: 'The lines of a log that hold a text, in any case; in order, from a line on',
        params: byId,
        querystring: Type.Object({
          q: Type.String({ minLength: 1, maxLength: 256 }),
          from: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostMatches, default: 100 })),
        }),
        response: {
          200: success({
            matches: Type.Array(Type.Object({ line: Type.Integer(), text: Type.String() })),
            next_from: nullable(Type.Integer({ description: 'where to go on; null at the end of the log' })),
          }),
        },
      },
    },
    async (request, reply) => {
      const { q, from = 1, limit = 100 } = request.query;
      const caller = callerOf(request);
      deps.seats.take('export', caller, reply);
      const span = await keptSpan(request.params.id, caller, deps);
      const matches: { line: number; text: string }[] = [];
      let next_from: number | null = null;
      const wanted = q.toLowerCase();
      const feed = lineFeed((text, line) => {
        if (line < from || !text.toLowerCase().includes(wanted)) return true;
        if (matches.length === limit) {
          next_from = line;
          return false;
        }
        matches.push({ line, text: text.slice(0, 2_000) });
        return true;
      });
      if (span.last > 0)
        await logs.read(span.id, { firstSeq: span.first, lastSeq: span.last }, ({ bytes }) => feed.write(bytes));
      feed.end();
      return { ok: true as const, matches, next_from };
    },
  );
};

/** The log of a job that the caller may see. Throws AppError('not_found') `log_expired` where it is kept no more. */
export async function keptSpan(id: string, caller: Parameters<typeof ownJob>[1], deps: RouteDeps): Promise<LogSpan> {
  const job = ownJob(id, caller, deps);
  const stored = await deps.logs.lastSeq(id);
  if (stored < job.logLast)
    throw new AppError('not_found', 'The log of this job is no longer kept.', { name: 'log_expired' });
  return spanOf(job, id, deps.logs);
}
