import { Type } from '@sinclair/typebox';
import { entityOf, projectOf } from '../../events/event-filter.ts';
import type { Recorded } from '../../events/registry.ts';
import { callerOf } from './authenticate.ts';
import type { ApiDeps, Routes } from './define.ts';
import { streamEvents } from './event-stream.ts';
import { maySee, shownEntities } from './event-visibility.ts';
import { ownProject } from './project-routes.ts';
import { sequenceAt } from './sequence-at.ts';

/** The history of everything the token may see. */
export const eventRoutes: Routes = (app, deps) => {
  app.get(
    '/events',
    {
      schema: {
        summary:
          'The events the token may see, as NDJSON or, when asked for, as text/event-stream; resumable by sequence (Last-Event-ID)',
        querystring: Type.Object({
          from: Type.Optional(
            Type.String({ maxLength: 64, description: 'the first sequence wanted, or an ISO 8601 time' }),
          ),
          entity: Type.Optional(Type.Union(shownEntities.map((entity) => Type.Literal(entity)))),
          project: Type.Optional(Type.String()),
          follow: Type.Optional(Type.Union([Type.Literal('0'), Type.Literal('1')])),
        }),
        produces: ['application/x-ndjson', 'text/event-stream'],
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { from, entity, project, follow } = request.query;
      if (project !== undefined) ownProject(project, caller, deps);
      const sse = (request.headers.accept ?? '').includes('text/event-stream');
      const resumed = request.headers['last-event-id'];
      const start =
        typeof resumed === 'string' && /^\d{1,15}$/.test(resumed)
          ? Number(resumed) + 1
          : from === undefined
            ? 1
            : await firstOf(from, deps);
      const wanted = (event: Recorded) =>
        (entity === undefined || entityOf(event) === entity) &&
        (project === undefined || projectOf(event) === project) &&
        maySee(event, caller, deps.models);
      return streamEvents({ start, sse, live: sse || follow === '1', wanted }, request, reply, deps);
    },
  );
};

async function firstOf(from: string, { log }: ApiDeps): Promise<number> {
  return /^\d{1,15}$/.test(from) ? Math.max(1, Number(from)) : (await sequenceAt(from, log)) + 1;
}
