import { adminRoutes } from './admin-routes.ts';
import { backupRoutes } from './backup-routes.ts';
import type { Routes } from './define.ts';
import { diffRoutes } from './diff-routes.ts';
import { digestRoutes } from './digest-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { explainRoutes } from './explain-routes.ts';
import { findingRoutes } from './finding-routes.ts';
import { forgeRoutes } from './forge-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { jobFindingRoutes } from './job-finding-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { logRoutes } from './log-routes.ts';
import { mcpRoutes } from './mcp-routes.ts';
import { patchRoutes } from './patch-routes.ts';
import { projectFindingRoutes } from './project-finding-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { registrationRoutes } from './registration-routes.ts';
import { runnerRoutes } from './runner-routes.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { statusRoutes } from './status-routes.ts';
import { subscriberRoutes } from './subscriber-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Every file of routes, alphabetically. */
export const routes: readonly Routes[] = [
  adminRoutes,
  backupRoutes,
  diffRoutes,
  digestRoutes,
  eventRoutes,
  explainRoutes,
  findingRoutes,
  forgeRoutes,
  healthRoutes,
  jobFindingRoutes,
  jobRoutes,
  logRoutes,
  mcpRoutes,
  patchRoutes,
  projectFindingRoutes,
  projectRoutes,
  registrationRoutes,
  runnerRoutes,
  scheduleRoutes,
  statusRoutes,
  subscriberRoutes,
  tokenRoutes,
  webhookRoutes,
];
