import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ulid } from 'ulid';
import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { withBundledTools } from '../../bundled-tools.ts';
import { readConfig } from '../../config.ts';
import { AppError } from '../../floor/app-error.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { silent } from '../../io/log.ts';
import { latestJob, reportedRun } from '../../patcher/proving/proof-runs.ts';
import type { PatchedRun } from '../../patcher/rules/drafting/compare-patched.ts';
import { evaluateProof, type Judging, keyOf } from '../../patcher/rules/proof/evaluate-proof.ts';
import type { ProofRun } from '../../patcher/rules/proof/proof-plan.ts';
import { type Farm, start } from '../../start.ts';
import type { Check } from '../../statements/rules/check-statement.ts';
import type { ProofStatement } from '../../statements/rules/proof-predicate.ts';
import { toolVersions } from '../../statements/stated-tools.ts';

export type Rerun = {
  /** A path or a URL from which to clone. */
  readonly repository: string;
  readonly diff: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
};

type Predicate = ProofStatement['predicate'];

/** Proves a patch once more, in a farm of its own that ends with it: the same runs, judged by the same rules. */
export async function rerunProof({ predicate }: ProofStatement, rerun: Rerun): Promise<Check[]> {
  const dir = await mkdtemp(join(tmpdir(), 'crafting-table-proof-'));
  const config = readConfig({
    CRAFTING_DATA_DIR: join(dir, 'data'),
    CRAFTING_ALLOW_LOCAL_REPOS: '1',
    CRAFTING_ROLES: 'projector,parser,runner',
    ...(rerun.env['CRAFTING_NATS_SERVER'] ? { CRAFTING_NATS_SERVER: rerun.env['CRAFTING_NATS_SERVER'] } : {}),
  });
  const farm = await start(config, silent);
  try {
    return [await toolCheck(predicate, rerun), await proveAgain(predicate, farm, rerun)];
  } finally {
    await farm.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Another version of a tool may say something else: that is no fault of the statement, and is said. */
async function toolCheck({ runs, environment }: Predicate, { env }: Rerun): Promise<Check> {
  const here = await toolVersions(
    runs.map(({ command }) => command),
    withBundledTools(env),
  );
  const known = new Map(here.map(({ program, version }) => [program, version]));
  const differ = environment.tools.filter(({ program, version }) => known.get(program) !== version);
  if (differ.length === 0) return { what: 'tools', ok: true, detail: `the same ${here.length} versions` };
  const shown = differ.map(
    ({ program, version }) => `${program} was ${version}, here ${known.get(program) ?? 'missing'}`,
  );
  return { what: 'tools', ok: null, detail: `they differ: ${shown.join('; ')}` };
}

async function proveAgain(predicate: Predicate, farm: Farm, rerun: Rerun): Promise<Check> {
  const place = await prepare(predicate, farm, rerun);
  const { plan, findings, attempt } = predicate;
  const before = await runOnce({ stage: 'base', recipe: attempt.recipe, round: 1, only: [] }, place);
  const results = new Map<string, PatchedRun>();
  const judging: Judging = {
    facts: {
      recipe: attempt.recipe,
      others: plan.others,
      rounds: plan.rounds,
      sources: plan.sources,
      hasJudges: plan.has_judges,
      isWhole: plan.is_whole,
      fast: plan.fast,
      mutants: plan.mutants,
      canDisguise: plan.can_disguise,
    },
    conditions: plan.conditions,
    before,
    targets: findings.targets.map(({ identity }) => identity),
    touched: new Set(plan.touched),
    siblings: (identity) => new Set(plan.siblings[identity] ?? [identity]),
  };
  const missing = judging.targets.filter((one) => !before.occurrences.some(({ identity }) => identity === one));
  const no = (detail: string): Check => ({ what: 'rerun', ok: false, detail });
  if (missing.length > 0)
    return no(
      `the base commit does not show what is to be mended here (${missing.length} of ${judging.targets.length}); it ended with ${before.exitCode ?? before.reason}${before.detail ? `: ${before.detail}` : ''}`,
    );
  for (;;) {
    const said = evaluateProof(judging, results);
    if (said.kind === 'proven')
      return { what: 'rerun', ok: true, detail: `proven again, by ${results.size + 1} runs of its own` };
    if (said.kind === 'failed') return no(`not proven: ${said.why.reason}: ${said.why.detail}`);
    const isBase = keyOf(said.run) === keyOf({ stage: 'base', recipe: attempt.recipe, round: 1 });
    results.set(keyOf(said.run), isBase ? before : await runOnce(said.run, place));
  }
}

type Place = {
  readonly predicate: Predicate;
  readonly farm: Farm;
  readonly base: JobEnqueuedData;
  readonly drafted: number;
  readonly say: (line: string) => void;
};

/** Puts the patch into the log of the farm, as a draft that its jobs can be run on. */
async function prepare(predicate: Predicate, farm: Farm, rerun: Rerun): Promise<Place> {
  const { log, vault } = farm.store;
  const { attempt, base, diff, findings, method, plan, cost } = predicate;
  const local = /^([a-z][a-z0-9+.-]*:\/\/|[^/\\]+@)/i.test(rerun.repository) ? null : resolve(rerun.repository);
  const remote = parseRemoteUrl(local ?? rerun.repository, { allowLocal: true });
  const about = { patch_id: attempt.id, project: attempt.project };
  const { seq } = await log.append({
    type: 'PatchDrafted',
    id: attempt.id,
    data: {
      ...about,
      ...{ method, turn: 1, base_sha: base.commit, diff: rerun.diff, explanation: '', confidence: null, cost },
      targets: findings.targets.map(({ identity }) => identity),
      files: diff.files,
    },
  });
  const credential_ref = remote.credential ? await vault.put(JSON.stringify(remote.credential)) : null;
  const subproject = {
    path: attempt.subproject,
    language: plan.language,
    timeout_secs: plan.timeout_secs,
    ...plan.commands,
    ...(plan.install === null ? {} : { install: plan.install }),
    ...(plan.install_for === null ? {} : { install_for: plan.install_for }),
    ...(plan.reports.length > 0 ? { reports: plan.reports } : {}),
  };
  const own = plan.variables.flatMap((name) => {
    const value = rerun.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    predicate,
    farm,
    drafted: seq,
    say: rerun.say,
    base: {
      job_id: '',
      project: attempt.project,
      owner: 'rerun',
      subproject: attempt.subproject,
      recipe: attempt.recipe,
      command: plan.commands[attempt.recipe] ?? '',
      language: plan.language,
      timeout_secs: plan.timeout_secs,
      env: Object.fromEntries(own),
      branch: base.branch,
      sha: base.commit,
      priority: 'normal',
      purpose: 'verify',
      requested_by: 'rerun',
      credential_ref,
      concurrency: {},
      supersede: false,
      retry_lost: false,
      rerun_of: null,
      snapshot: {
        project: attempt.project,
        git_url: remote.url,
        default_branch: base.branch,
        subproject,
      },
    },
  };
}

/** Runs one job of the proof to its end. */
async function runOnce(run: ProofRun, { predicate, farm, base, drafted, say }: Place): Promise<PatchedRun> {
  const { stage, recipe, round, only, command, mutant, disguised } = run;
  const { plan, attempt } = predicate;
  const { models, store } = farm;
  if (models === null) throw new AppError('internal', 'A farm without read models proves nothing.');
  const id = ulid().toLowerCase();
  await store.log.append({
    type: 'JobEnqueued',
    id,
    data: {
      ...base,
      job_id: id,
      recipe,
      command: command ?? plan.commands[recipe] ?? base.command,
      patch: {
        patch_id: attempt.id,
        stage,
        drafted_seq: stage === 'base' ? 0 : drafted,
        round,
        conditions: plan.conditions,
        ...(only === null || stage === 'base' ? {} : { only: [...only] }),
        ...(mutant ? { mutant } : {}),
        ...(disguised ? { disguised } : {}),
      },
    },
  });
  const job = await ended(id, farm);
  say(`  ${job.status.padEnd(9)} ${stage} ${recipe} ${round}  exit code ${job.exit_code ?? job.reason}`);
  return reportedRun(job, { models, log: store.log, logs: store.logs });
}

const over = new Set<JobDoc['status']>(['succeeded', 'failed', 'cancelled']);

async function ended(id: string, { models }: Farm): Promise<JobDoc> {
  if (models === null) throw new AppError('internal', 'A farm without read models proves nothing.');
  const look = () => {
    const job = latestJob(id, { models });
    return job && over.has(job.status) ? job : null;
  };
  const { promise, resolve: done } = Promise.withResolvers<JobDoc>();
  const stop = models.onCommit(() => {
    const job = look();
    if (job) done(job);
  });
  const now = look();
  if (now) done(now);
  return promise.finally(stop);
}
