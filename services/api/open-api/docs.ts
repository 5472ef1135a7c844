import { readFile } from 'node:fs/promises';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { AppError } from '../../floor/app-error.ts';
import type { Api } from '../api-app.ts';
import { ProblemSchema, responsesOf } from '../define.ts';
import { asyncApi } from './async-api.ts';
import { describeOpenApi } from './open-api.ts';
import { apiSchemas, eventSchemas } from './schema-bundles.ts';

/** `publicUrl`: where a browser or a client reaches the API; null = where it found the documents. */
type Documented = { readonly version: string; readonly publicUrl: string | null };

/** Gathers what is registered from here on, for the documents about it. */
export function gatherRoutes(app: Api): readonly RouteOptions[] {
  const gathered: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void gathered.push(route));
  return gathered;
}

/**
 * `/openapi.json`, and a page to browse it, out of the routes' schemas; `/asyncapi.json` out of those of the events. All of
 * it is made when it is first asked for: the code that does so is a tenth of what the service would load at its start.
 */
export function serveDocs(app: Api, routes: readonly RouteOptions[], farm: Documented): void {
  let openApi: ReturnType<typeof openPages> | undefined;
  let events: Buffer | undefined;
  const fromPages = async ({ method, url, headers: { host = 'localhost' } }: FastifyRequest, reply: FastifyReply) => {
    openApi ??= openPages(routes, farm);
    const pages = await openApi;
    const { statusCode, headers, rawPayload } = await pages.inject({ method: method as 'GET', url, headers: { host } });
    if (statusCode >= 400) throw new AppError('not_found', 'There is nothing at this address.');
    const { connection: _, 'transfer-encoding': __, 'content-length': ___, ...ours } = headers;
    return reply.code(statusCode).headers(ours).send(rawPayload);
  };
  const schema = { hide: true };
  for (const url of ['/openapi.json', '/docs', '/docs/*']) app.get(url, { schema }, fromPages);
  app.get('/schemas/events.json', { schema }, async (_request, reply) =>
    reply.header('content-type', 'application/schema+json').send(eventSchemas(farm.version)),
  );
  app.get('/schemas/api.json', { schema }, async (_request, reply) => {
    openApi ??= openPages(routes, farm);
    const document = (await openApi).swagger() as { components?: { schemas?: object } };
    return reply.header('content-type', 'application/schema+json').send(apiSchemas(document, farm.version));
  });
  app.get('/asyncapi.json', { schema }, async (_request, reply) => {
    events ??= Buffer.from(JSON.stringify(asyncApi(farm.version)));
    return reply.header('content-type', 'application/json; charset=utf-8').send(events);
  });
}

/** An application of its own that knows the routes by their schemas alone, and is asked without a network. */
async function openPages(routes: readonly RouteOptions[], { version, publicUrl }: Documented) {
  const [{ default: fastify }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ]);
  const examples = await recordedExamples(routes);
  const pages = fastify({ exposeHeadRoutes: false, routerOptions: { maxParamLength: 512 } })
    .setValidatorCompiler(() => () => true)
    .setSerializerCompiler(() => (data) => JSON.stringify(data));
  await pages.register(swagger, {
    transformObject: (made) =>
      'openapiObject' in made
        ? describeOpenApi(structuredClone(made.openapiObject) as never, ProblemSchema, examples)
        : made.swaggerObject,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'crafting-table',
        version,
        description: 'Build, test, lint and audit farm',
        contact: { name: 'crafting-table', url: publicUrl ?? 'http://127.0.0.1:8810/docs' },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl ?? '/' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  });
  await pages.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: true } });
  pages.get('/openapi.json', { schema: { hide: true } }, async () => pages.swagger());
  for (const { method, url, schema } of routes)
    if (method !== 'HEAD' && schema?.hide !== true)
      pages.route({
        method,
        url,
        schema: { ...schema, response: responsesOf(String(method), schema?.response) },
        handler: async () => null,
      });
  await pages.ready();
  return pages;
}

/** What a farm of the tests answered, by method and path; what the schema of today does not allow any more is left out. */
async function recordedExamples(routes: readonly RouteOptions[]): Promise<Record<string, unknown>> {
  const text = await readFile(new URL('open-api-examples.json', import.meta.url), 'utf8');
  const recorded: Record<string, unknown> = JSON.parse(text);
  const fitting = routes.flatMap(({ method, url, schema }) => {
    const name = `${method} ${url}`;
    const [said] = Object.values((schema?.response ?? {}) as Record<string, TSchema>);
    return said && name in recorded && Value.Check(said, recorded[name]) ? [[name, recorded[name]] as const] : [];
  });
  return Object.fromEntries(fitting);
}
