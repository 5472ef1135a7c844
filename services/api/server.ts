import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyRequest, type FastifySchema, type FastifyServerOptions } from 'fastify';
import { actAs } from '../floor/actor.ts';
import { AppError } from '../floor/app-error.ts';
import { pageOfApi } from '../floor/page-paths.ts';
import { useSchemaWords } from '../floor/text/schema-words.ts';
import { tlsServer } from '../io/listen/own-tls.ts';
import { servePages } from '../web/serve-pages.ts';
import { projectNames, speakOfProjects } from './answers/project-names.ts';
import type { Api } from './api-app.ts';
import { authenticator, bearerNeeded, type Caller, callerOf } from './authenticate.ts';
import { basePathOf, keepBaseInLocations, withoutBase } from './base-path.ts';
import { type ApiDeps, type OnAnswer, responsesOf } from './define.ts';
import { answerClientError } from './errors/client-error.ts';
import { missesOf } from './errors/missing-address.ts';
import { sendProblem } from './errors/problem.ts';
import { notUtf8, strangeInput } from './errors/strange-input.ts';
import { strangeQuery } from './errors/strange-query.ts';
import { freshReads } from './nodes/fresh-reads.ts';
import { sharedLimit } from './nodes/shared-limit.ts';
import { gatherRoutes, serveDocs } from './open-api/docs.ts';
import { routes } from './registry.ts';
import { logRequests, requestIdOf } from './request-log.ts';
import { scopeOf } from './route-scopes.ts';
import { isFromElsewhere, provenSameOrigin } from './sessions/same-origin.ts';
import { sessionIdIn } from './sessions/session-cookie.ts';
import { openSessions } from './sessions/session-store.ts';
import { countRequests } from './status/request-counts.ts';

/** Compiled when the first request comes that it is for: a start would compile some hundreds, of which most are never asked. */
const lateValidator: typeof TypeBoxValidatorCompiler = (route) => {
  let validate: ReturnType<typeof TypeBoxValidatorCompiler> | undefined;
  return (value) => {
    validate ??= TypeBoxValidatorCompiler(route);
    return validate(value);
  };
};

/** Said when the application is made, fastify does not even load its own: a hundred files and a tenth of a second. */
const schemaController = {
  compilersFactory: {
    buildValidator: () => lateValidator,
    buildSerializer: () => () => (data: unknown) => JSON.stringify(data),
  },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;
const maxBodyBytes = 1024 * 1024;
/** A request that trickles in is cut off: it holds a socket, and memory for its body. */
const defaultArrival = { wholeMs: 30_000, checkMs: 5_000 };

const minute = 60_000;
const keepAliveTimeout = 75_000;

type HttpLimits = { readonly headersTimeout: number; readonly connectionsCheckingInterval: number };

/** Builds the HTTP service; the caller listens. */
export async function openApi(deps: ApiDeps): Promise<Api> {
  useSchemaWords();
  const { config, models, logger, nodes = null, arrival = defaultArrival } = deps;
  const { trustProxy, publicUrl } = config;
  const base = basePathOf(publicUrl);
  const telling = { log: logger, base };
  const http = { headersTimeout: arrival.wholeMs, connectionsCheckingInterval: arrival.checkMs };
  const app = fastify({
    schemaController,
    ...(trustProxy ? { trustProxy: (address: string) => trustProxy.has(address) } : {}),
    ...(base === '' ? {} : { rewriteUrl: ({ url = '/' }: IncomingMessage) => withoutBase(url, base) }),
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength: 512 },
    ...(config.tls ? { serverFactory: ownServer(tlsServer(config.tls, logger), http) } : {}),
    requestTimeout: arrival.wholeMs,
    http,
    connectionTimeout: 0,
    keepAliveTimeout,
    genReqId: requestIdOf,
    forceCloseConnections: true,
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, telling),
    clientErrorHandler: answerClientError,
  }).withTypeProvider<TypeBoxTypeProvider>();

  acceptJsonWhateverItIsCalled(app);
  const asking = authenticator({ models, lanCidrs: config.lanCidrs, clock: deps.clock });
  const sessions = openSessions(deps.sessionKeys, deps.clock);
  recogniseCallers(app, { deps, asking, sessions });
  await app.register(rateLimit, {
    max: config.rateLimit,
    timeWindow: minute,
    ...(nodes ? { store: sharedLimit(nodes, deps.clock, minute) as never } : {}),
    enableDraftSpec: true,
    keyGenerator: (request) => (request.caller ? `token ${request.caller.name}` : `address ${request.ip}`),
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('rate_limited', `More than ${config.rateLimit} requests in a minute.`, {
        retryAfterSecs: Math.ceil(ttl / 1000),
      }),
  });
  refuseEarly(app, deps, asking);
  speakOfProjects(app, projectNames(models), models);
  if (base !== '') keepBaseInLocations(app, base);
  watchAnswers(app, deps);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, telling));
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    callerOf(request);
    return sendProblem(nothingAt(request, reply), request, reply, telling);
  });
  const documented = gatherRoutes(app);
  const nothingAt = missesOf(documented);
  await app.register(async (scope) => {
    for (const route of routes)
      route(scope.withTypeProvider<TypeBoxTypeProvider>(), { ...deps, identifyHash: asking.identifyHash, sessions });
    serveDocs(scope.withTypeProvider<TypeBoxTypeProvider>(), documented, { version: deps.version, publicUrl });
    servePages(scope.withTypeProvider<TypeBoxTypeProvider>(), base);
  });
  return app;
}

type Asking = ReturnType<typeof authenticator>;
type Recognising = {
  readonly deps: ApiDeps;
  readonly asking: Asking;
  readonly sessions: ReturnType<typeof openSessions>;
};

/** Who asks: refuses addresses that are not let in, and sends people who want a page to it. */
function recogniseCallers(app: Api, { deps, asking, sessions }: Recognising): void {
  const { models, nodes = null } = deps;
  const { publicUrl } = deps.config;
  const { identify, onLan } = asking;
  app.decorateRequest('caller', null);
  app.decorateRequest('session', null);
  // Hooks of every request answer by callback: a promise for each of them costs more than what they do.
  const fresh = freshReads(deps.log, models);
  if (nodes)
    app.addHook('onRequest', (request, _reply, done) => {
      // A bearer that another process made a moment ago is known, and what it was asked to do is to be seen.
      const { authorization, cookie } = request.headers;
      if (!(authorization || cookie) || !nodes.several()) done();
      else fresh().then(() => done(), done);
    });
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    if (!onLan(request)) {
      done(new AppError('forbidden', 'LAN-only: this address is not in CRAFTING_LAN_CIDRS.', { name: 'lan_only' }));
      return;
    }
    if (request.method === 'GET') reply.header('x-crafting-seq', String(models.seq()));
    const id = request.headers.authorization === undefined ? sessionIdIn(request) : null;
    if (id === null || isFromElsewhere(request, publicUrl)) {
      request.caller = identify(request);
      done();
      return;
    }
    sessions.find(id).then((session) => {
      request.session = session;
      request.caller = identify(request);
      done();
    }, done);
  });
  // A person who follows a link to a thing of the API wants its page; who shows a bearer, or wants JSON, gets the API.
  app.addHook('onRequest', (request, reply, done) => {
    const { accept = '', authorization } = request.headers;
    const isPerson = request.method === 'GET' && authorization === undefined && /\btext\/html\b/.test(accept);
    const page = isPerson ? pageOfApi(request.url) : null;
    if (page === null) done();
    else reply.header('vary', 'accept, authorization').redirect(page, 302);
  });
}

/** What is refused before a route is asked: nobody's requests, strange input, and new work on a full disk. */
function refuseEarly(app: Api, deps: ApiDeps, { whyNobody }: Asking): void {
  const { publicUrl } = deps.config;
  // After the rate limit, which counts also those who are nobody; before the body, which is read for nobody.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { url, schema } = request.routeOptions;
    const nobody = url !== undefined && request.caller === null && !isPublic(schema);
    if (nobody) done(bearerNeeded(whyNobody(request)));
    else if (request.caller && url !== undefined && !isPublic(schema)) {
      const unproven = request.session && provenSameOrigin(request, publicUrl);
      done(unproven ?? lacking(request.caller, request), payload);
    } else done(null, payload);
  });
  // After the body has come: the streams of a socket know nothing of whom they are read for.
  app.addHook('preValidation', (request, _reply, done) =>
    done(strangeInput(request) ?? strangeQuery(request) ?? undefined),
  );
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.caller) {
      deps.uses.seen(request.caller.name);
      actAs(request.caller.name, done);
    } else done();
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const shortage = isNewWork(request) ? (deps.disk?.shortage() ?? null) : null;
    if (shortage === null) done();
    else
      done(
        new AppError('unavailable', `No new work is taken: ${shortage}.`, { name: 'disk_full', retryAfterSecs: 30 }),
      );
  });
}

/** What is done with every answer: it is no cache's, and it is counted and logged. */
function watchAnswers(app: Api, deps: ApiDeps): void {
  keepAnswersPrivate(app);
  countRequests(app, deps.counts);
  logRequests(app, { ...deps, meters: deps.meters });
  if (deps.onAnswer) tellAnswers(app, deps.onAnswer);
}

/** A server with what fastify would give one of its own making. */
function ownServer(
  make: ReturnType<typeof tlsServer>,
  http: HttpLimits,
): NonNullable<FastifyServerOptions['serverFactory']> {
  return (handler) => Object.assign(make(handler, http), { keepAliveTimeout, requestTimeout: http.headersTimeout });
}

/** One address answers a browser with a page and a program with JSON, and each caller with what that one may see. */
function keepAnswersPrivate(app: Pick<Api, 'addHook'>): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'private, no-cache');
      if (!reply.hasHeader('vary')) reply.header('vary', 'accept, authorization, cookie');
    }
    done(null, payload);
  });
}

function tellAnswers(app: Pick<Api, 'addHook'>, onAnswer: OnAnswer): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const { url, schema } = request.routeOptions;
    // A person who is sent on to a page was answered by no route.
    const isOfRoute = url !== undefined && schema?.hide !== true && reply.statusCode !== 302;
    onAnswer({
      method: request.method,
      url: url ?? request.url,
      status: reply.statusCode,
      type: String(reply.getHeader('content-type') ?? ''),
      payload,
      responses: isOfRoute ? responsesOf(request.method, schema?.response) : null,
    });
    done(null, payload);
  });
}

const notNew = /^\/(?:admin\/|mcp|session|jobs\/:[^/]+\/cancel)/;

/** What makes the farm store or do more; what ends or looks at something is taken while the disk is full, too. */
function isNewWork({ method, routeOptions: { url = '' } }: FastifyRequest): boolean {
  return ['POST', 'PUT', 'PATCH'].includes(method) && !notNew.test(url);
}

/** What a bearer is not good for is said before anything is looked for, so that it tells nothing of what there is. */
function lacking({ can, name }: Caller, { method, routeOptions: { url = '' } }: FastifyRequest): AppError | null {
  const needed = scopeOf(method, url);
  if (can.has(needed)) return null;
  return new AppError(
    'forbidden',
    `This needs the scope ${needed}; the bearer ${name} may ${[...can].join(', ') || 'do nothing'}.`,
    { name: 'scope_missing' },
  );
}

/** Health says `security: []` and the pages of the documentation are not documented; everything else needs a bearer. */
function isPublic(schema: FastifySchema | undefined): boolean {
  return schema?.hide === true || schema?.security?.length === 0;
}

/** The documented commands send `-d '{...}'` without a content type: a body is JSON whatever it is called. */
function acceptJsonWhateverItIsCalled(
  app: Pick<Api, 'removeAllContentTypeParsers' | 'addContentTypeParser' | 'getDefaultJsonParser'>,
): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const text = String(body);
    if (text === '') done(null, undefined);
    else if (!isUtf8(body as Buffer)) done(notUtf8(body as Buffer, text));
    else
      parseJson(request, text, (error, value) => {
        if (error) done(new AppError('invalid', `The body is not JSON: ${error.message}`, { cause: error }));
        else done(null, value);
      });
  });
}
