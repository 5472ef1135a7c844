import type { Tool } from './define.ts';
import { draftPatch } from './tools/ask-for-patch.ts';
import { detectTool } from './tools/detect-repository.ts';
import { explainFinding } from './tools/explain-finding.ts';
import { getFindings } from './tools/get-findings.ts';
import { getJob } from './tools/get-job.ts';
import { getLog } from './tools/get-log.ts';
import { listJobs } from './tools/list-jobs.ts';
import { listPatches } from './tools/list-patches.ts';
import { listProjects } from './tools/list-projects.ts';
import { registerProject } from './tools/register-project.ts';
import { runAudit, runBuild, runLint, runTest } from './tools/run-recipe.ts';
import { waitForJob } from './tools/wait-for-job.ts';

/** Every tool, alphabetically. Minting tokens and the rest of /admin stay a human act. */
export const tools: readonly Tool[] = [
  detectTool,
  draftPatch,
  explainFinding,
  getFindings,
  getJob,
  getLog,
  listJobs,
  listPatches,
  listProjects,
  registerProject,
  runAudit,
  runBuild,
  runLint,
  runTest,
  waitForJob,
];
