import type { TokenScope } from '../../events/token.ts';

/** What a bearer must be good for, by method and path. A GET that is not listed asks to read. */
export const routeScopes: Readonly<Record<string, TokenScope>> = {
  'DELETE /admin/grants': 'admin',
  'DELETE /admin/runners/:name': 'admin',
  'DELETE /admin/subscribers/:name': 'admin',
  'DELETE /admin/tokens/:name': 'admin',
  'DELETE /mcp': 'read',
  'DELETE /projects/:name': 'admin',
  'DELETE /projects/:name/hand-over': 'admin',
  'DELETE /teams/:team': 'admin',
  'DELETE /teams/:team/tokens/:name': 'admin',
  'GET /admin/backup': 'admin',
  'GET /teams/:team/tokens': 'admin',
  'POST /admin/compare': 'admin',
  'POST /admin/digest/run-now': 'admin',
  'POST /admin/grants': 'admin',
  'POST /admin/log/:seq/quarantine': 'admin',
  'POST /admin/rebuild': 'admin',
  'POST /admin/runners': 'admin',
  'POST /admin/subscribers': 'admin',
  'POST /admin/tokens': 'admin',
  'POST /admin/tokens/:name/rotate': 'admin',
  'POST /findings/:id/suppress': 'write',
  'POST /findings/:id/unsuppress': 'write',
  'POST /jobs/:id/cancel': 'run',
  'POST /jobs/:id/patches': 'write',
  'POST /jobs/:id/rerun': 'run',
  // Each tool asks the API in the caller's name, and is held to what it asks there.
  'POST /mcp': 'read',
  'POST /patches/:id/reconsider': 'write',
  'POST /projects': 'write',
  'POST /projects/:name/hand-over': 'admin',
  'POST /projects/:name/hand-over/accept': 'admin',
  'POST /projects/:name/jobs': 'run',
  'POST /projects/:name/reparse': 'run',
  'POST /projects/:name/webhooks/:id/replay': 'write',
  'POST /projects/:name/webhooks/:id/test': 'write',
  'POST /registrations/:set/complete': 'write',
  'POST /registrations/:set/start': 'write',
  'POST /schedules/:project/:recipe/disable': 'write',
  'POST /schedules/:project/:recipe/enable': 'write',
  'POST /schedules/:project/:recipe/run': 'run',
  'POST /teams': 'admin',
  'POST /teams/:team/tokens': 'admin',
  'POST /teams/:team/tokens/:name/rotate': 'admin',
  'POST /token/rotate': 'read',
  'PUT /projects/:name': 'write',
  'PUT /teams/:team/tokens/:name': 'admin',
};

/** The scope that a route asks for. What changes something and is not listed asks for the most. */
export function scopeOf(method: string, url: string): TokenScope {
  return routeScopes[`${method} ${url}`] ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'admin');
}
