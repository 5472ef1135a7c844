import type { Tool } from './define.ts';
import { draftPatch } from './tools/ask-for-patch.ts';
import { detectTool } from './tools/detect-repository.ts';
import { cancelTool, rerunTool } from './tools/end-or-repeat.ts';
import { explainFinding } from './tools/explain-finding.ts';
import { getFindings } from './tools/get-findings.ts';
import { getJob } from './tools/get-job.ts';
import { getLog } from './tools/get-log.ts';
import { getPatch } from './tools/get-patch.ts';
import { getSource } from './tools/get-source.ts';
import { listFindings } from './tools/list-findings.ts';
import { listJobs } from './tools/list-jobs.ts';
import { listPatches } from './tools/list-patches.ts';
import { listProjects } from './tools/list-projects.ts';
import {
  compareTool,
  flakyTestsTool,
  inboxTool,
  proposalsTool,
  schedulesTool,
  trendsTool,
} from './tools/look-around.ts';
import { verifyPatch } from './tools/prove-diff.ts';
import { registerProject } from './tools/register-project.ts';
import { runAudit, runBuild, runLint, runTest } from './tools/run-recipe.ts';
import { suppressTool } from './tools/suppress-finding.ts';
import { waitForJob } from './tools/wait-for-job.ts';

/** Every tool, alphabetically. Minting tokens, approving patches and the rest of /admin stay a human act. */
export const tools: readonly Tool[] = [
  cancelTool,
  compareTool,
  detectTool,
  draftPatch,
  explainFinding,
  flakyTestsTool,
  getFindings,
  getJob,
  getLog,
  getPatch,
  getSource,
  inboxTool,
  listFindings,
  listJobs,
  listPatches,
  listProjects,
  proposalsTool,
  registerProject,
  rerunTool,
  runAudit,
  runBuild,
  runLint,
  runTest,
  schedulesTool,
  suppressTool,
  trendsTool,
  verifyPatch,
  waitForJob,
];
