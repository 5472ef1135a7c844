import swaggerUi from '@fastify/swagger-ui';
import type { Routes } from './define.ts';

/** `/openapi.json`, and a page to browse it; both come from the routes' schemas. */
export const docsRoutes: Routes = (app) => {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { persistAuthorization: true } });
};
