import { Type } from '@sinclair/typebox';
import { entityOf, matchesFilter } from '../../../events/event-filter.ts';
import { type Severity, severities } from '../../../events/finding.ts';
import type { EventFilter } from '../../../events/people/account.ts';
import { isEventName, type Recorded } from '../../../events/registry.ts';
import { AppError } from '../../floor/app-error.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import type { ApiDeps, Routes } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';
import { type EventForm, streamEvents } from './event-stream.ts';
import { maySee, shownEntities } from './event-visibility.ts';
import { openTail } from './live-tail.ts';

/** A parameter that may come several times, each time with several words between commas. */
const words = (description: string) => {
  const one = Type.String({ maxLength: 8_192 });
  return Type.Optional(Type.Union([one, Type.Array(one, { maxItems: 128 })], { description }));
};

type Words = string | string[] | undefined;

/** The history of everything the token may see. */
export const eventRoutes: Routes = (app, deps) => {
  const tail = openTail(deps);
  app.get(
    '/events',
    {
      schema: {
        summary:
          'The events the token may see, as NDJSON or, when asked for, as text/event-stream; resumable by sequence (Last-Event-ID)',
        description:
          'With `Accept: application/cloudevents+json` each line is a CloudEvent 1.0 in structured mode. Filters narrow together; none of a kind leaves nothing out.',
        querystring: Type.Object({
          from: Type.Optional(
            Type.String({
              maxLength: 64,
              description: 'the first sequence wanted, an ISO 8601 time, `start` or `now`',
            }),
          ),
          entity: Type.Optional(Type.Union(shownEntities.map((entity) => Type.Literal(entity)))),
          events: words('names of events, such as `FindingDetected,PrOpened`'),
          project: words('names of projects'),
          severity: words('of findings that appear; other events are heard all the same'),
          follow: Type.Optional(Type.Union([Type.Literal('0'), Type.Literal('1')])),
          positions: Type.Optional(
            Type.Union([Type.Literal('0'), Type.Literal('1')], {
              description: 'lines {"position": n} say that everything up to n has been looked at',
            }),
          ),
        }),
        produces: ['application/x-ndjson', 'text/event-stream'],
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { from = 'start', entity, follow, positions, ...filters } = request.query;
      const filter = filterOf(filters, caller, deps);
      const form = formOf(request.headers.accept ?? '');
      const resumed = request.headers['last-event-id'];
      const start =
        typeof resumed === 'string' && /^\d{1,15}$/.test(resumed) ? Number(resumed) + 1 : await firstOf(from, deps);
      const wanted = (event: Recorded) =>
        (entity === undefined || entityOf(event) === entity) &&
        matchesFilter(filter, event) &&
        maySee(event, caller, deps.models);
      const live = form === 'sse' || follow === '1';
      const key = JSON.stringify([caller.owner, caller.projects, entity ?? null, filter]);
      const asked = { start, form, live, positions: positions === '1', wanted, key };
      return streamEvents(asked, request, reply, { ...deps, tail });
    },
  );
};

function formOf(accept: string): EventForm {
  if (accept.includes('text/event-stream')) return 'sse';
  return accept.includes('application/cloudevents+json') ? 'cloudevents' : 'lines';
}

async function firstOf(from: string, { log }: ApiDeps): Promise<number> {
  if (from === 'start') return 1;
  if (from === 'now') return (await log.end()) + 1;
  return /^\d{1,15}$/.test(from) ? Math.max(1, Number(from)) : (await sequenceAt(from, log)) + 1;
}

/** The filter of a request. Throws AppError: a word that is none of ours is named, a project that is not the caller's is not there. */
function filterOf(
  asked: { events?: Words; project?: Words; severity?: Words },
  caller: Caller,
  deps: ApiDeps,
): EventFilter {
  const events = listOf(asked.events);
  const projects = listOf(asked.project);
  const wanted = listOf(asked.severity);
  const strange = events.find((name) => !isEventName(name));
  if (strange !== undefined)
    throw fault('events', `${quoted(strange)} is no event; GET /asyncapi.json names all of them`);
  const odd = wanted.find((word) => !severities.includes(word as Severity));
  if (odd !== undefined) throw fault('severity', `expected ${severities.join(', ')}; found ${quoted(odd)}`);
  for (const project of projects) ownProject(project, caller, deps);
  return { events, projects, severities: wanted as Severity[] };
}

function listOf(asked: Words): string[] {
  const listed = [asked ?? []].flat().flatMap((one) => one.split(','));
  return [...new Set(listed.map((word) => word.trim()).filter(Boolean))];
}

function quoted(word: string): string {
  return JSON.stringify(word.slice(0, 64));
}

function fault(field: string, message: string): AppError {
  const path = `/querystring/${field}`;
  return new AppError('invalid', `${path}: ${message}.`, { faults: [{ path, message }] });
}
