import { adminRoutes } from './admin-routes.ts';
import type { Routes } from './define.ts';
import { digestRoutes } from './digest-routes.ts';
import { docsRoutes } from './docs-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { findingRoutes } from './finding-routes.ts';
import { forgeRoutes } from './forge-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { jobFindingRoutes } from './job-finding-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { logRoutes } from './log-routes.ts';
import { patchRoutes } from './patch-routes.ts';
import { projectFindingRoutes } from './project-finding-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Every file of routes, alphabetically. */
export const routes: readonly Routes[] = [
  adminRoutes,
  digestRoutes,
  docsRoutes,
  eventRoutes,
  findingRoutes,
  forgeRoutes,
  healthRoutes,
  jobFindingRoutes,
  jobRoutes,
  logRoutes,
  patchRoutes,
  projectFindingRoutes,
  projectRoutes,
  scheduleRoutes,
  tokenRoutes,
  webhookRoutes,
];
