import swaggerUi from '@fastify/swagger-ui';
import { asyncApi } from './async-api.ts';
import type { Routes } from './define.ts';

/** `/openapi.json`, and a page to browse it, out of the routes' schemas; `/asyncapi.json` out of those of the events. */
export const docsRoutes: Routes = (app, { version }) => {
  let kept: Buffer | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/asyncapi.json', { schema: { hide: true } }, async (_request, reply) => {
    kept ??= Buffer.from(JSON.stringify(asyncApi(version)));
    return reply.header('content-type', 'application/json; charset=utf-8').send(kept);
  });
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: true } });
};
