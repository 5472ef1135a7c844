import { createHash, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secondsIn } from '../../../events/http/service-answer.ts';
import { AppError, errorCodes, isAppError, messageOf } from '../../floor/app-error.ts';
import type { ApiCall } from '../../mcp/define.ts';
import { jsonIn } from '../../mcp/http-call.ts';
import type { McpEndpoint } from '../../mcp/mcp-endpoint.ts';
import type { Api } from '../api-app.ts';
import { bearerNeeded, callerOf, isStillKnown } from '../authenticate.ts';
import type { Routes } from '../define.ts';
import { toAppError } from '../errors/problem.ts';
import { onceClosed, takeOver, writeTo } from './live-reply.ts';
import { mcpMetadataOf } from './mcp-metadata.ts';

const Id = Type.Union([Type.String({ maxLength: 256 }), Type.Integer(), Type.Null()]);
/** One message; the protocol itself says the rest. Batches are of a revision that is gone. */
const Message = Type.Object(
  {
    jsonrpc: Type.Literal('2.0'),
    id: Type.Optional(Id),
    method: Type.Optional(Type.String({ maxLength: 256 })),
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    result: Type.Optional(Type.Unknown()),
    error: Type.Optional(Type.Unknown()),
  },
  { title: 'JsonRpcMessage' },
);

/** Calls of one token that may be under way at once: each holds a socket. */
const mostAtOnce = 32;

/** The tools of services/mcp over Streamable HTTP, for the same bearers and by the same rules as the rest. */
export const mcpRoutes: Routes = (app, { config, models, logger, clock, nodes = null }) => {
  const underWay = new Map<string, number>();
  nodes?.share('seats', () => underWay);
  // A call is taken back wherever it is being answered.
  const deaf = nodes?.talk.hear('mcp-cancel', ({ key }) => cancellable.get(String(key))?.abort());
  const cancellable = new Map<string, AbortController>();
  let endpoint: Promise<McpEndpoint> | undefined;
  // At the first request: most farms are never asked, and the protocol's library costs memory.
  const load = () => {
    endpoint ??= import('../../mcp/mcp-endpoint.ts').then(({ openMcpEndpoint }) =>
      openMcpEndpoint({
        onTrouble: (error) => logger.error({ error: messageOf(error) }, 'an MCP tool failed in an unforeseen way'),
        onRefused: (error) => logger.debug({ error: messageOf(error) }, 'an MCP request was refused'),
      }),
    );
    return endpoint;
  };
  app.addHook('onClose', async () => {
    deaf?.();
    await (await endpoint)?.close();
  });

  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseOtherPages(request);
    const caller = callerOf(request);
    const message = (request.body ?? {}) as { id?: unknown; method?: string; params?: { requestId?: unknown } };
    const seat = `mcp ${caller.name}`;
    const before = underWay.get(seat) ?? 0;
    // A notification is over at once, and may be what takes a call back.
    if (message.id !== undefined && before + (nodes?.countElsewhere('seats', seat) ?? 0) >= mostAtOnce)
      throw new AppError('rate_limited', `More than ${mostAtOnce} MCP calls of this token are under way.`, {
        retryAfterSecs: 5,
      });
    const abort = new AbortController();
    const keyOf = (id: unknown) => hashed(JSON.stringify([caller.sha256, request.headers['mcp-session-id'], id]));
    const key = keyOf(message.id);
    underWay.set(seat, before + 1);
    if (message.id !== undefined) cancellable.set(key, abort);
    if (message.method === 'notifications/cancelled') {
      const taken = keyOf(message.params?.requestId);
      const here = cancellable.get(taken);
      if (here) here.abort();
      else nodes?.talk.tell('mcp-cancel', { key: taken });
    }
    // The id names a conversation, so that a call can be taken back by its number; nothing is kept of it.
    if (message.method === 'initialize') reply.header('mcp-session-id', randomUUID());
    const unsubscribe = models.onCommit(() => {
      if (!isStillKnown(caller, models, clock)) abort.abort();
    });
    onceClosed(reply.raw, () => {
      unsubscribe();
      abort.abort();
      if (cancellable.get(key) === abort) cancellable.delete(key);
      const left = (underWay.get(seat) ?? 1) - 1;
      if (left > 0) underWay.set(seat, left);
      else underWay.delete(seat);
    });
    const response = await (await load()).answer(asked(request, abort.signal), request.body ?? undefined, {
      call: inProcess(app, request),
      offer: await offerOf(request),
    });
    if (abort.signal.aborted && !isStillKnown(caller, models, clock)) throw bearerNeeded();
    return sendOn(response, request, reply);
  };
  const wrong = { response: { 405: Message } };
  app.post(
    '/mcp',
    {
      schema: {
        summary: 'MCP over Streamable HTTP: one message',
        headers: Type.Object({
          'x-mcp-toolsets': Type.Optional(
            Type.String({ maxLength: 256, description: 'which tools are offered, with commas between them; or `all`' }),
          ),
          'x-mcp-readonly': Type.Optional(
            Type.String({ maxLength: 8, description: '`true`: only tools that change nothing' }),
          ),
        }),
        body: Message,
        response: { 200: Message, 400: Message, 413: Message },
      },
      errorHandler: (thrown, request, reply) => {
        if (isAppError(thrown, 'unauthorized')) {
          const at = mcpMetadataOf(request, config.publicUrl);
          reply.header('www-authenticate', `Bearer realm="crafting-table", resource_metadata="${at}"`);
        }
        return answerInProtocol(thrown, request, reply);
      },
    },
    answer,
  );
  app.get('/mcp', { schema: { summary: 'MCP: there is no stream beside the answers', ...wrong } }, answer);
  app.delete('/mcp', { schema: { summary: 'MCP: there is no session to end', ...wrong } }, answer);
};

/** What is no message is answered as the protocol says (JSON-RPC 2.0, 5.1); all else as everywhere. */
function answerInProtocol(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toAppError(thrown);
  if (error.code !== 'invalid' && error.code !== 'too_large') throw error;
  const isJson = request.body !== undefined || error.code === 'too_large';
  reply.code(errorCodes[error.code].status).header('content-type', 'application/json; charset=utf-8');
  const code = isJson ? -32_600 : -32_700;
  const message = `${isJson ? 'Invalid Request' : 'Parse error'}: ${error.message}`;
  return reply.send({ jsonrpc: '2.0', id: null, error: { code, message } });
}

/**
 * A page in a browser that was led here under a name of its own (DNS rebinding) has that name in its Origin and in
 * Host. An address or localhost cannot be rebound.
 */
function refuseOtherPages({ headers: { origin, host = '' } }: FastifyRequest): void {
  if (origin === undefined) return;
  const url = URL.parse(origin);
  const name = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url?.host === host.toLowerCase() && (name === 'localhost' || isIP(name) !== 0)) return;
  throw new AppError('forbidden', 'MCP is not for pages of other origins: send no Origin, or that of this address.', {
    name: 'other_origin',
  });
}

/** What a client wants to be offered, by the headers that agents' hosts know from others. */
async function offerOf({ headers }: FastifyRequest) {
  const { switchIn, toolsetsIn } = await import('../../mcp/offer.ts');
  const textOf = (name: string) => headers[name]?.toString();
  return {
    toolsets: toolsetsIn(textOf('x-mcp-toolsets')),
    readOnly: switchIn('X-MCP-Readonly', textOf('x-mcp-readonly')),
  };
}

/** What other processes may hear of a call: nothing of its bearer. */
const hashed = (text: string) => createHash('sha256').update(text).digest('hex');

/** The request as the protocol's library wants it. A body is JSON whatever it is called, as elsewhere. */
function asked({ method, headers }: FastifyRequest, signal: AbortSignal): Request {
  const given = new Headers({ 'content-type': 'application/json' });
  for (const [name, value] of Object.entries(headers))
    if (typeof value === 'string' && /^(mcp-|last-event-id$)/.test(name)) given.set(name, value);
  const accept = headers.accept ?? '*/*';
  given.set('accept', accept.includes('*/*') ? 'application/json, text/event-stream' : accept);
  return new Request('http://localhost/mcp', { method, headers: given, signal });
}

/** Asks this API as the caller does, from the caller's address: the same rules, limits and visibility. */
function inProcess(app: Api, { headers: { authorization = '' }, ip }: FastifyRequest): ApiCall {
  return async (method, path, body, { accept = 'application/json', signal } = {}) => {
    const { statusCode, headers, payload } = await app.inject({
      method,
      url: path,
      headers: { authorization, accept },
      remoteAddress: ip,
      ...(body === undefined ? {} : { payload: body as object }),
      ...(signal ? { signal } : {}),
    });
    return {
      status: statusCode,
      text: payload,
      json: jsonIn(payload, String(headers['content-type'])),
      retryAfterSecs: secondsIn(String(headers['retry-after'])),
    };
  };
}

async function sendOn(response: Response, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const raw = takeOver(request, reply, {
    status: response.status,
    headers: { ...Object.fromEntries(response.headers), 'cache-control': 'no-store' },
  });
  if (!raw) return reply;
  try {
    for await (const part of response.body ?? []) {
      if (raw.destroyed) break;
      await writeTo(raw, part);
    }
    raw.end();
  } catch {
    // The call was taken back while its answer was on the way.
    raw.destroy();
  }
  return reply;
}
