import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import type { Meters } from '../observe/meters.ts';

type Telling = {
  readonly config: Pick<Config, 'accessLog' | 'slowRequestMs'>;
  readonly logger: Log;
  readonly clock: Clock;
  readonly meters: Meters | undefined;
};

/** Refused sign-ins of a minute of which each is a line of its own: who guesses must not fill our log. */
const mostRefusals = 30;
const minute = 60_000;

/** The id that a proxy or a client gave a request, or one of our own. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:+/=@-]{1,128}$/.test(given) ? given : randomUUID();
}

/** The trace that a request is part of (W3C Trace Context, `traceparent`), or null. */
function traceOf({ headers }: FastifyRequest): string | null {
  const given = headers['traceparent'];
  const found = typeof given === 'string' ? /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(given) : null;
  return found?.[1] && !/^0+$/.test(found[1]) ? found[1] : null;
}

/** Writes lines about requests: those that were slow or knew no bearer, and each of them where that is switched on. */
export function logRequests(app: Pick<FastifyInstance, 'addHook'>, telling: Telling): void {
  const { config, logger, meters } = telling;
  const mayTell = refusalLimit(telling.clock);
  app.addHook('onResponse', (request, reply, done) => {
    const ms = reply.elapsedTime;
    const route = request.routeOptions.url ?? 'unknown';
    if (!isLasting(request, reply)) meters?.request.observe(ms / 1000, { route, method: request.method });
    if (reply.statusCode === 401 && showsSomething(request)) {
      meters?.signIns.add();
      const left = mayTell();
      if (left !== null) logger.warn({ ...factsOf(request, reply), passed_over: left }, 'a sign-in was refused');
    }
    const isSlow = config.slowRequestMs > 0 && ms >= config.slowRequestMs && !isLasting(request, reply);
    if (isSlow) logger.warn(factsOf(request, reply), 'a request was slow');
    if (config.accessLog) logger.info({ code: 'request', ...factsOf(request, reply) }, 'a request was answered');
    done();
  });
}

/** The path without its query: that may hold what somebody looked for. */
function factsOf(request: FastifyRequest, reply: FastifyReply) {
  const trace = traceOf(request);
  return {
    request_id: request.id,
    ...(trace === null ? {} : { trace_id: trace }),
    method: request.method,
    path: request.url.split('?', 1)[0]?.slice(0, 512),
    route: request.routeOptions.url,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    address: request.ip,
    caller: request.caller?.name,
  };
}

/** A bearer or a session; who shows nothing is only asked for it. */
function showsSomething({ headers }: FastifyRequest): boolean {
  return headers.authorization !== undefined || headers.cookie !== undefined;
}

/** What goes on as long as somebody listens or waits is not slow. */
function isLasting({ url }: FastifyRequest, reply: FastifyReply): boolean {
  const type = String(reply.getHeader('content-type') ?? '');
  return /event-stream|x-ndjson/.test(type) || /[?&](?:follow|wait)=/.test(url) || /\/mcp\b/.test(url);
}

/** How many were passed over since the last line, or null when this one is to be. */
function refusalLimit(clock: Clock): () => number | null {
  let [since, told, left] = [0, 0, 0];
  return () => {
    const now = clock.now();
    if (now - since >= minute) [since, told] = [now, 0];
    told += 1;
    if (told > mostRefusals) {
      left += 1;
      return null;
    }
    const passed = left;
    left = 0;
    return passed;
  };
}
