import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Recorded } from '../../events/registry.ts';
import { type Caller, callerOf } from './authenticate.ts';
import type { ApiDeps, Routes } from './define.ts';
import { ownProject } from './project-routes.ts';
import { sequenceAt } from './sequence-at.ts';

const entities = ['token', 'project', 'job', 'finding', 'delivery'] as const;
const heartbeat = 15_000;
/** Bytes that may wait for a slow reader before the log is no longer read for it. */
const highWater = 1_000_000;

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
          entity: Type.Optional(Type.Union(entities.map((entity) => Type.Literal(entity)))),
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
        maySee(event, caller, deps);
      return stream({ start, sse, live: sse || follow === '1', wanted }, request, reply, deps);
    },
  );
};

async function firstOf(from: string, { log }: ApiDeps): Promise<number> {
  return /^\d{1,15}$/.test(from) ? Math.max(1, Number(from)) : (await sequenceAt(from, log)) + 1;
}

const entityByType: Readonly<Record<Recorded['type'], (typeof entities)[number]>> = {
  DeliveryAbandoned: 'delivery',
  FindingDetected: 'finding',
  FindingReopened: 'finding',
  FindingResolved: 'finding',
  FindingSuppressed: 'finding',
  FindingUnsuppressed: 'finding',
  FindingsObserved: 'job',
  FindingsParsed: 'job',
  JobCancelRequested: 'job',
  JobEnqueued: 'job',
  ProjectRegistered: 'project',
  ProjectRemoved: 'project',
  ProjectUpdated: 'project',
  RecipeExited: 'job',
  RecipeStarted: 'job',
  TokenMinted: 'token',
  TokenRevoked: 'token',
  WorkspacePrepared: 'job',
};

function entityOf({ type }: Recorded) {
  return entityByType[type];
}

function projectOf(event: Recorded): string | null {
  if (entityOf(event) === 'project') return event.entityId;
  return 'project' in event.data ? event.data.project : null;
}

/** An admin sees everything; others what belongs to a project that is theirs now. */
function maySee(event: Recorded, { owner }: Caller, { models }: ApiDeps): boolean {
  if (owner === null) return true;
  const project = projectOf(event);
  return project !== null && models.query().projects.find(project)?.owner === owner;
}

type Streaming = {
  readonly start: number;
  readonly sse: boolean;
  readonly live: boolean;
  readonly wanted: (event: Recorded) => boolean;
};

async function stream(
  { start, sse, live, wanted }: Streaming,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, logger }: ApiDeps,
): Promise<FastifyReply> {
  const { raw } = reply;
  const end = live ? Number.POSITIVE_INFINITY : await log.end();
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': sse ? 'text/event-stream; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  let next = start;
  let follower: { stop(): Promise<void> } | undefined;
  const halt = () => {
    void follower?.stop();
    follower = undefined;
  };
  const resume = async () => {
    if (next > end) {
      raw.end();
      return;
    }
    follower = await log.follow({
      from: next,
      onEvent: (event) => {
        if (!follower || event.seq < next) return;
        next = event.seq + 1;
        if (event.seq <= end && wanted(event))
          raw.write(sse ? asServerSent(event) : `${JSON.stringify(shown(event))}\n`);
        if (event.seq >= end) {
          halt();
          raw.end();
        } else if (raw.writableLength > highWater) {
          // The reader is slower than the log: stop reading for it until it has caught up.
          halt();
          raw.once('drain', () => void resume());
        }
      },
      onError: (error) => {
        logger.warn({ error: String(error) }, 'events could not be sent on');
        raw.destroy();
      },
    });
    if (raw.destroyed) halt();
  };
  const beat = sse ? setInterval(() => raw.write(': still here\n\n'), heartbeat) : undefined;
  raw.once('close', () => {
    clearInterval(beat);
    halt();
  });
  if (request.raw.destroyed) return reply;
  await resume();
  return reply;
}

function shown({ seq, type, entityId, eventId, time, source, causationId, correlationId, data }: Recorded) {
  return {
    seq,
    id: eventId,
    type,
    subject: entityId,
    time,
    source,
    causation_id: causationId,
    correlation_id: correlationId,
    data,
  };
}

function asServerSent(event: Recorded): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(shown(event))}\n\n`;
}
