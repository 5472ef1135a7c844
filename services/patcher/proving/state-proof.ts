import { platform, release } from 'node:os';
import type { ProofStage } from '../../../events/jobs/job.ts';
import { maxBundleLength } from '../../../events/patches/patch.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { withBundledTools } from '../../bundled-tools.ts';
import { AppError } from '../../floor/app-error.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import { signingKey } from '../../statements/farm-signature.ts';
import { envelopeOf } from '../../statements/rules/dsse-envelope.ts';
import {
  proofStatement,
  sha256Of,
  testResultStatement,
  withFewerNames,
} from '../../statements/rules/in-toto-statements.ts';
import { mostNamed, type ProofPredicate, type StatedRun } from '../../statements/rules/proof-predicate.ts';
import { toolVersions } from '../../statements/stated-tools.ts';
import { idOf, type PatcherDeps, record, remoteOf, type Step } from '../attempt-steps.ts';
import { policyVersion } from '../gate/policy-version.ts';
import { costOfTurn, noCost, withoutCosts } from '../rules/drafting/turn-cost.ts';
import { type Planned, planProof } from './plan-proof.ts';
import { jobOf, reportedRun } from './proof-runs.ts';

/** States a proof, signed, before anything of it leaves: once for each proof of an attempt. */
export async function stateProof(commit: string, step: Step): Promise<void> {
  const { patch, deps } = step;
  const before = await deps.log.last('ProofStated', patch.id);
  if (before && before.data.verified_seq === patch.seqs.verified && before.data.commit === commit) return;
  const planned = await planProof(step);
  const diff = deps.models.query().patches.diff(patch.id);
  if (planned === null || diff === null || patch.evidence === null)
    throw new AppError('internal', `The proof of the attempt ${patch.id} cannot be stated.`);
  const { predicate, outcomes } = await predicateOf({ commit, diff, planned }, step);
  const url =
    deps.config.publicUrl === null ? null : `${deps.config.publicUrl.replace(/\/+$/, '')}/patches/${patch.id}`;
  const key = await signingKey(deps);
  const { credential } = await remoteOf(patch, deps);
  // What travels is public: a credential that a command or a name may hold stays here.
  const redactor = redactorOf(credential ? [credential.password] : []);
  const bundleOf = (most: number) => {
    const { passed, failed } = outcomes;
    const few = { passed: passed.slice(0, most), failed: failed.slice(0, most) };
    const statements = [proofStatement(withFewerNames(predicate, most)), testResultStatement(predicate, few, url)];
    const clean: unknown[] = JSON.parse(redactor.text(JSON.stringify(statements)));
    return clean.map((one) => `${JSON.stringify(envelopeOf(one, key))}\n`).join('');
  };
  const bundle = [mostNamed, 100, 0].map(bundleOf).find(({ length }) => length <= maxBundleLength);
  if (bundle === undefined)
    throw new AppError('too_large', `What was proven of the attempt ${patch.id} is too much for one statement.`);
  const data = {
    ...idOf(patch),
    verified_seq: patch.seqs.verified,
    commit,
    key_id: key.keyId,
    digest: sha256Of(bundle),
    bundle,
  };
  await record({ type: 'ProofStated', id: patch.id, data }, before?.seq ?? 0, step);
}

type Facts = { readonly commit: string; readonly diff: string; readonly planned: Planned };

/** Long: a document, one line a field. */
async function predicateOf({ commit, diff, planned }: Facts, step: Step) {
  const { patch, deps } = step;
  const { evidence, cost, method } = patch;
  if (evidence === null || cost === null || method === null || patch.verified_at === null)
    throw new AppError('internal', `The attempt ${patch.id} is not proven.`);
  const jobs = new Map<string, JobDoc>();
  const stages: { id: string; stage: ProofStage | 'seen'; recipe: StatedRun['recipe']; round: number }[] = [
    { id: patch.job_id, stage: 'seen', recipe: patch.recipe, round: 1 },
    ...(evidence.proof?.runs ?? []).map(({ job_id: id, stage, recipe, round }) => ({ id, stage, recipe, round })),
  ];
  const runs: StatedRun[] = [];
  for (const { id, stage, recipe, round } of stages.slice(0, 200)) {
    const job = jobOf(id, deps);
    if (job === null) continue;
    jobs.set(id, job);
    runs.push({ ...(await runOf(job, deps)), stage, recipe, round });
  }
  const full = jobs.get(evidence.after_job);
  const report = full ? await reportedRun(full, deps) : null;
  const identities = (id: string) => identitiesOf(id, deps);
  const before = identities(evidence.before_job);
  const after = identities(evidence.after_job);
  const named = (outcomes: readonly string[]) =>
    [
      ...new Set((report?.report?.tests ?? []).filter(({ outcome }) => outcomes.includes(outcome)).map(({ id }) => id)),
    ].sort();
  const outcomes = { passed: named(['passed', 'xfailed']), failed: named(['failed', 'error']) };
  const session = method === 'agent' ? patch.sessions.at(-1) : undefined;
  const proof = evidence.proof ?? null;
  const predicate: ProofPredicate = {
    attempt: {
      id: patch.id,
      project: patch.project,
      subproject: patch.subproject,
      recipe: patch.recipe,
      number: patch.attempt_number,
    },
    base: { commit: patch.base.sha, branch: patch.base.branch, repository: patch.repository },
    diff: { sha256: sha256Of(diff), bytes: Buffer.byteLength(diff), files: patch.files },
    commit,
    findings: {
      targets: evidence.targets,
      before: before.slice(0, mostNamed),
      after: after.slice(0, mostNamed),
      appeared: evidence.appeared.length,
      truncated: before.length > mostNamed || after.length > mostNamed,
    },
    verdict: 'proven',
    runs,
    tests: proof?.tests
      ? {
          ...proof.tests,
          names: [...outcomes.passed, ...outcomes.failed].sort().slice(0, mostNamed),
          truncated: outcomes.passed.length + outcomes.failed.length > mostNamed,
        }
      : null,
    mutants: proof?.mutants ?? null,
    disguised: proof?.disguised ?? null,
    not_run: proof?.not_run ?? [],
    notes: proof?.notes ?? [],
    plan: planOf(planned, patch),
    policy: { product: deps.version, digest: policyVersion() },
    method,
    agent: session ? { adapter: session.adapter, model: session.model } : null,
    cost,
    turns: turnsOf(patch),
    environment: {
      product: `crafting-table ${deps.version}`,
      platform: `${platform()} ${process.arch}`,
      system: release().slice(0, 128),
      image: deps.config.patcher.imageDigest,
      tools: await toolVersions(
        runs.map(({ command }) => command),
        withBundledTools(process.env),
      ),
    },
    requested_at: patch.requested_at,
    verified_at: patch.verified_at,
  };
  return { predicate, outcomes };
}

async function runOf(job: JobDoc, { log }: PatcherDeps): Promise<Omit<StatedRun, 'stage' | 'recipe' | 'round'>> {
  const { job_id, command, reason, exit_code, duration_ms, tests, runner, sandbox } = job;
  const exited = (await log.last('RecipeExited', job_id))?.data;
  return {
    ...{ job_id, command, reason, exit_code, duration_ms, tests, runner, sandbox },
    log: {
      sha256: exited?.log_digest ?? null,
      bytes: exited?.log_bytes ?? 0,
      truncated: exited?.truncated ?? false,
    },
  };
}

function identitiesOf(jobId: string, { models }: PatcherDeps): string[] {
  const found = new Set<string>();
  for (let after = -1; ; ) {
    const page = models.query().occurrences.page(jobId, after, 500);
    for (const { doc } of page) found.add(doc.identity);
    const last = page.at(-1);
    if (!last || page.length < 500) return [...found].sort();
    after = last.ordinal;
  }
}

/** All that decides what is run, and how it is judged. */
function planOf({ judging, base }: Planned, patch: PatchDoc): ProofPredicate['plan'] {
  const { facts, conditions, touched, siblings, targets } = judging;
  const { subproject } = base.snapshot;
  const commands = [facts.recipe, ...facts.others].flatMap((name) => {
    const command = name === base.recipe ? base.command : subproject[name];
    return command === undefined ? [] : [[name, command] as const];
  });
  const each = targets.length > 20 ? 3 : 20;
  return {
    language: base.language,
    timeout_secs: base.timeout_secs,
    variables: Object.keys(base.env).sort(),
    commands: Object.fromEntries(commands),
    install: subproject.install ?? null,
    install_for: subproject.install_for ? [...subproject.install_for] : null,
    reports: [...(subproject.reports ?? [])],
    conditions,
    others: [...facts.others],
    rounds: patch.evidence?.proof?.rounds?.passed ?? 0,
    sources: [...facts.sources],
    has_judges: facts.hasJudges,
    is_whole: facts.isWhole,
    fast: facts.fast,
    mutants: [...facts.mutants],
    can_disguise: facts.canDisguise,
    touched: [...touched],
    siblings: Object.fromEntries(patch.targets.slice(0, 500).map((one) => [one, [...siblings(one, each)]])),
  };
}

/** Each turn with what it took: those that came to nothing, and the one that made the draft. */
function turnsOf({ sent_back, cost, turn, method }: PatchDoc): ProofPredicate['turns'] {
  const failed = sent_back.map((one) => ({
    turn: one.turn,
    method: one.method,
    end: one.reason,
    cost: costOfTurn(one),
  }));
  const last = withoutCosts(
    cost ?? noCost,
    failed.map((one) => one.cost),
  );
  return [...failed, ...(method === null ? [] : [{ turn, method, end: 'proven', cost: last }])].slice(-100);
}
