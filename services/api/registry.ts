import { adminRoutes } from './admin/admin-routes.ts';
import { backupRoutes } from './admin/backup-routes.ts';
import { cacheRoutes } from './admin/cache-routes.ts';
import { digestRoutes } from './admin/digest-routes.ts';
import { patchingRoutes } from './admin/patching-routes.ts';
import { quarantineRoutes } from './admin/quarantine-routes.ts';
import { runnerRoutes } from './admin/runner-routes.ts';
import { signingRoutes } from './admin/signing-routes.ts';
import { subscriberRoutes } from './admin/subscriber-routes.ts';
import { agentRoutes } from './bottles/agent-routes.ts';
import { bottleRoutes } from './bottles/bottle-routes.ts';
import type { Routes } from './define.ts';
import { problemRoutes } from './errors/problem-routes.ts';
import { bulkRoutes } from './findings/bulk-routes.ts';
import { diffRoutes } from './findings/diff-routes.ts';
import { explainRoutes } from './findings/explain-routes.ts';
import { filterRoutes } from './findings/filter-routes.ts';
import { findingRoutes } from './findings/finding-routes.ts';
import { projectFindingRoutes } from './findings/project-finding-routes.ts';
import { sourceRoutes } from './findings/source-routes.ts';
import { compareRoutes } from './jobs/compare-routes.ts';
import { figureRoutes } from './jobs/figure-routes.ts';
import { jobFindingRoutes } from './jobs/job-finding-routes.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { logLineRoutes } from './jobs/log-line-routes.ts';
import { logRoutes } from './jobs/log-routes.ts';
import { eventRoutes } from './live/event-routes.ts';
import { mcpMetadataRoutes } from './live/mcp-metadata.ts';
import { mcpRoutes } from './live/mcp-routes.ts';
import { inboxRoutes } from './overview/inbox-routes.ts';
import { matrixRoutes } from './overview/matrix-routes.ts';
import { summaryRoutes } from './overview/summary-routes.ts';
import { approvalRoutes } from './patches/approval-routes.ts';
import { forgeRoutes } from './patches/forge-routes.ts';
import { patchRoutes } from './patches/patch-routes.ts';
import { statementRoutes } from './patches/statement-routes.ts';
import { verifyRoutes } from './patches/verify-routes.ts';
import { detectRoutes } from './projects/detect-routes.ts';
import { handOverRoutes } from './projects/hand-over-routes.ts';
import { projectRoutes } from './projects/project-routes.ts';
import { recipeSourceRoutes } from './projects/recipe-source-routes.ts';
import { registrationRoutes } from './projects/registration-routes.ts';
import { renameRoutes } from './projects/rename-routes.ts';
import { roleRoutes } from './projects/role-routes.ts';
import { scheduleRoutes } from './projects/schedule-routes.ts';
import { secretRoutes } from './projects/secret-routes.ts';
import { webhookRoutes } from './projects/webhook-routes.ts';
import { meRoutes } from './sessions/me-routes.ts';
import { sessionRoutes } from './sessions/session-routes.ts';
import { budgetRoutes } from './spending/budget-routes.ts';
import { stopRoutes } from './spending/stop-routes.ts';
import { usageRoutes } from './spending/usage-routes.ts';
import { healthRoutes } from './status/health-routes.ts';
import { statusRoutes } from './status/status-routes.ts';
import { teamRoutes } from './teams/team-routes.ts';
import { auditRoutes } from './tokens/audit-routes.ts';
import { grantRoutes } from './tokens/grant-routes.ts';
import { tokenRoutes } from './tokens/token-routes.ts';
import { workRoutes } from './work/work-routes.ts';

/** Every file of routes, alphabetically. */
export const routes: readonly Routes[] = [
  adminRoutes,
  agentRoutes,
  auditRoutes,
  backupRoutes,
  bottleRoutes,
  budgetRoutes,
  bulkRoutes,
  cacheRoutes,
  compareRoutes,
  detectRoutes,
  diffRoutes,
  digestRoutes,
  eventRoutes,
  explainRoutes,
  figureRoutes,
  filterRoutes,
  findingRoutes,
  forgeRoutes,
  grantRoutes,
  handOverRoutes,
  healthRoutes,
  inboxRoutes,
  jobFindingRoutes,
  jobRoutes,
  logLineRoutes,
  logRoutes,
  matrixRoutes,
  mcpMetadataRoutes,
  mcpRoutes,
  meRoutes,
  patchRoutes,
  approvalRoutes,
  patchingRoutes,
  problemRoutes,
  projectFindingRoutes,
  projectRoutes,
  quarantineRoutes,
  recipeSourceRoutes,
  registrationRoutes,
  renameRoutes,
  roleRoutes,
  runnerRoutes,
  scheduleRoutes,
  secretRoutes,
  sessionRoutes,
  sourceRoutes,
  signingRoutes,
  statementRoutes,
  statusRoutes,
  stopRoutes,
  subscriberRoutes,
  summaryRoutes,
  teamRoutes,
  tokenRoutes,
  usageRoutes,
  verifyRoutes,
  webhookRoutes,
  workRoutes,
];
