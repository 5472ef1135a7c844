import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { recipeNames } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { type Detected, detect } from '../../../recipes/detection/detect.ts';
import { askedLine } from '../../../recipes/toolchains/asked-versions.ts';
import { machineHas } from '../../../recipes/toolchains/machine-has.ts';
import { withBundledTools } from '../../bundled-tools.ts';
import { readConfig } from '../../config.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { openWorkspaces, type Workspaces } from '../../io/git/trees/workspaces.ts';
import { openLog } from '../../io/log.ts';
import { start } from '../../start.ts';
import { nothingRan } from '../exit-codes.ts';
import { type ApiClient, apiClient } from '../farm/api-client.ts';
import { showIdentities } from './demo-edit.ts';
import { showPatch } from './demo-patch.ts';
import type { DemoPatches } from './demo-patch-report.ts';
import { progressStyle, watchJobs } from './demo-progress.ts';
import { type DemoResult, reportOf } from './demo-report.ts';
import { type DemoRepository, demoRepository } from './demo-repository.ts';

/** In ms: for the table after an interrupt, and once more for the farm to close. */
const afterInterrupt = 900;

export type DemoOptions = {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly keep: boolean;
  readonly json: boolean;
};

/** Runs a repository once through a farm of its own in a temporary folder. Findings are the result, not a failure. */
export async function demo(options: DemoOptions, print: (line: string) => void): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'crafting-table-demo-'));
  const interrupted = new Promise<'interrupted'>((resolve) => {
    // Not once: the spinners kill the process by a signal to which nobody else listens any more.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
  });
  // For a reader that goes away (head, a closed terminal): the process ends at once then.
  const sweep = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', sweep);
  const say = options.json ? (line: string) => process.stderr.write(`${line}\n`) : print;
  const closers: (() => Promise<void>)[] = [];
  const interruption = new AbortController();
  interrupted.then(() => interruption.abort());
  try {
    const running = runDemo(dir, options, { say, closers, signal: interruption.signal });
    // What had jobs before the interrupt has a table to show; what had none ends at once.
    const outcome = await Promise.race([interrupted.then(() => lastWord(running)), running]);
    if (outcome === null) return 130;
    print(options.json ? JSON.stringify(outcome) : reportOf(outcome, Math.max(100, process.stdout.columns || 180)));
    if (outcome.interrupted) return 130;
    if (options.keep) {
      say(
        `\nThe service goes on at ${outcome.url} (API page: ${outcome.url}/docs) until Ctrl-C; bearer in ${join(dir, 'data', 'admin-bearer.txt')}`,
      );
      await interrupted;
    } else {
      say(
        `\nThe farm ran at ${outcome.url}; --keep leaves it running (API page: /docs, findings: /findings, history: /events).`,
      );
    }
    return outcome.jobs.length === 0 ? nothingRan : 0;
  } finally {
    const closing = closeAll(closers);
    // Whoever pressed Ctrl-C has the table; the farm gets a moment to end its jobs, and goes with this process.
    await (interruption.signal.aborted ? Promise.race([closing, wait(afterInterrupt)]) : closing);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close().catch(() => {});
}

/** The result that there is soon after an interrupt; null when nothing was run yet. */
function lastWord(running: Promise<DemoResult>): Promise<DemoResult | null> {
  return Promise.race([running.catch(() => null), wait(afterInterrupt, null)]);
}

type Stage = {
  readonly say: (line: string) => void;
  readonly closers: (() => Promise<void>)[];
  readonly signal: AbortSignal;
};

async function runDemo(dir: string, options: DemoOptions, { say, closers, signal }: Stage): Promise<DemoResult> {
  const startedAt = performance.now();
  const repository = await demoRepository(options, dir);
  say(
    `Repository  ${repository.shown}, branch ${repository.branch}${repository.notes.map((note) => `\n            ${note}`).join('')}`,
  );

  const config = readConfig({
    CRAFTING_DATA_DIR: join(dir, 'data'),
    CRAFTING_PORT: '0',
    CRAFTING_ALLOW_LOCAL_REPOS: '1',
    CRAFTING_LOG_LEVEL: 'warn',
    // What is pushed is a copy of the sample, and goes nowhere.
    CRAFTING_PATCHER_PROOF: 'open',
    // Only where a branch may be pushed is there a patch loop at all.
    ...(repository.leftOut === null ? { CRAFTING_PATCHER_FORGE: 'none' } : {}),
    ...(process.env['CRAFTING_NATS_SERVER'] ? { CRAFTING_NATS_SERVER: process.env['CRAFTING_NATS_SERVER'] } : {}),
  });
  const workspaces = openWorkspaces({ dir: config.workspaceDir, allowLocal: true });
  const farm = await start(config, await openLog({ level: 'warn', format: 'auto' }), { workspaces });
  closers.push(() => farm.close());
  const url = farm.url ?? '';
  say(`Farm        ${url}, ${config.slots} jobs at once, contained by ${farm.containment}`);

  const { sha, ...detected } = await look(repository, workspaces);
  for (const { path, language } of detected.subprojects) say(`Found       ${path} (${language})`);
  for (const { path, language, why } of detected.off) say(`Off         ${path} (${language}): ${why}`);
  for (const one of detected.toolchains.filter(({ met }) => met !== true)) say(`Toolchain   ${askedLine(one)}`);
  for (const skipped of detected.skipped) say(`Skipped     ${skipped.recipe} of ${skipped.path}: ${skipped.why}`);

  const admin = apiClient(url, (await readFile(farm.adminBearerFile ?? '', 'utf8')).trim());
  const { bearer } = await admin.post<{ bearer: string }>('/admin/tokens', { name: 'demo' });
  const api = apiClient(url, bearer);
  await register(repository, detected, api);
  const jobs = await enqueue(repository.name, detected, api);
  const style = options.json ? 'lines' : progressStyle(process.stdout);
  const ended = await watchJobs(api, jobs, { project: repository.name, style, print: say, signal });
  const findings = await api.all<FindingDoc>(`/findings?project=${repository.name}&state=open`, 'findings');
  const sampleLinted =
    options.repository === null && jobs.some(({ subproject, recipe }) => subproject === 'web' && recipe === 'lint');
  if (sampleLinted && !signal.aborted) await showIdentities(repository.gitUrl, repository.name, api, say);
  // The linter of this one comes with the farm.
  const subproject = sampleLinted ? 'web' : null;
  const patches = await unlessInterrupted(() => showPatch({ repository, subproject, api, style, say }), signal);
  return {
    repository: repository.shown,
    branch: repository.branch,
    sha,
    project: repository.name,
    url,
    jobs: ended,
    findings,
    skipped: detected.skipped,
    complete: detected.complete,
    interrupted: signal.aborted,
    patches,
    duration_ms: Math.round(performance.now() - startedAt),
  };
}

async function unlessInterrupted(act: () => Promise<DemoPatches>, signal: AbortSignal): Promise<DemoPatches> {
  const nothing: DemoPatches = { attempts: [], remote: null, left_out: 'the demo was interrupted.' };
  if (signal.aborted) return nothing;
  const { promise, resolve } = Promise.withResolvers<DemoPatches>();
  signal.addEventListener('abort', () => resolve(nothing), { once: true });
  return Promise.race([act(), promise]);
}

/** Looks at a clean checkout, as the recipes will see it: not at what lies in somebody's folder. */
async function look({ gitUrl, branch }: DemoRepository, workspaces: Workspaces): Promise<Detected & { sha: string }> {
  const { url, credential } = parseRemoteUrl(gitUrl, { allowLocal: true });
  const checkout = await workspaces.checkout({ remote: { url, ...(credential ? { credential } : {}) }, branch });
  try {
    return { sha: checkout.sha, ...(await detect(checkout.dir, machineHas(withBundledTools(process.env)))) };
  } finally {
    await checkout.release();
  }
}

async function register(
  { name, gitUrl, branch }: DemoRepository,
  { languages, subprojects }: Detected,
  api: ApiClient,
): Promise<void> {
  const known = subprojects.filter((one) => recipeNames.some((recipe) => one[recipe] !== undefined));
  await api.post('/projects', { name, git_url: gitUrl, default_branch: branch, languages, subprojects: known });
}

async function enqueue(project: string, { subprojects }: Detected, api: ApiClient): Promise<JobDoc[]> {
  const jobs: JobDoc[] = [];
  for (const recipe of recipeNames) {
    if (!subprojects.some((one) => one[recipe] !== undefined)) continue;
    jobs.push(...(await api.post<{ jobs: JobDoc[] }>(`/projects/${project}/jobs`, { recipe })).jobs);
  }
  return jobs;
}
