import type { Tool } from './define.ts';
import { explainFinding } from './tools/findings/explain-finding.ts';
import { getFindings } from './tools/findings/get-findings.ts';
import { getSource } from './tools/findings/get-source.ts';
import { listFindings } from './tools/findings/list-findings.ts';
import { suppressTool } from './tools/findings/suppress-finding.ts';
import { cancelTool, rerunTool } from './tools/jobs/end-or-repeat.ts';
import { getJob } from './tools/jobs/get-job.ts';
import { getLog } from './tools/jobs/get-log.ts';
import { listJobs } from './tools/jobs/list-jobs.ts';
import { runAudit, runBuild, runLint, runTest } from './tools/jobs/run-recipe.ts';
import { waitForJob } from './tools/jobs/wait-for-job.ts';
import { draftPatch } from './tools/patches/ask-for-patch.ts';
import { getPatch } from './tools/patches/get-patch.ts';
import { listPatches } from './tools/patches/list-patches.ts';
import { verifyPatch } from './tools/patches/prove-diff.ts';
import { detectTool } from './tools/projects/detect-repository.ts';
import { listProjects } from './tools/projects/list-projects.ts';
import { recipeSourcesTool } from './tools/projects/list-recipe-sources.ts';
import {
  compareTool,
  flakyTestsTool,
  inboxTool,
  proposalsTool,
  schedulesTool,
  trendsTool,
} from './tools/projects/look-around.ts';
import { registerProject } from './tools/projects/register-project.ts';
import { renameProject } from './tools/projects/rename-project.ts';

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
  recipeSourcesTool,
  proposalsTool,
  registerProject,
  renameProject,
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
