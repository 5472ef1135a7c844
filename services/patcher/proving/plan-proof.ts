import { posix } from 'node:path';
import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import type { JobEnqueuedData, ProofConditions } from '../../../events/jobs/job.ts';
import type { ProposedBottle } from '../../../events/patches/patch.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { enqueueJobs } from '../../jobs/rules/enqueue-jobs.ts';
import { equalIdentities } from '../../parser/rules/identify-findings.ts';
import type { Step } from '../attempt-steps.ts';
import { readTexts } from '../read-texts.ts';
import { narrowCommand } from '../rules/drafting/narrow-command.ts';
import { answersForTest } from '../rules/proof/answers-for-test.ts';
import type { Judging } from '../rules/proof/evaluate-proof.ts';
import { mutantsOf } from '../rules/proof/mutants.ts';
import { type NotProven, roundsOf } from '../rules/proof/proof-plan.ts';
import { doubtsOf } from '../rules/proof/unsettled.ts';
import { decidesVerdict } from '../rules/roles/define.ts';
import { roleOf } from '../rules/roles/role-of.ts';
import { readRunnerSettings, settingNames } from '../rules/roles/runner-settings.ts';
import { jobOf, runOfJob } from './proof-runs.ts';

/** A proof as it follows from the draft and what is known of its base commit. */
export type Planned = {
  readonly judging: Judging;
  readonly base: JobEnqueuedData;
  readonly registeredAt: string;
  /** What speaks against the draft before anything is run. */
  readonly objection: NotProven | null;
};

/** What is cheap and may refuse a draft comes first. */
const cheapFirst: readonly RecipeName[] = ['lint', 'build', 'test', 'audit'];

/** What is to be run for a draft; null when the job that saw the finding, or its project, is gone. */
export async function planProof(step: Step): Promise<Planned | null> {
  const { patch, deps } = step;
  const { findings, patches, projects, tests } = deps.models.query();
  const project = projects.find(patch.project);
  if (patch.bottle !== null) return project ? planOfBottle(patch.bottle, project, step) : null;
  const base = (await deps.log.last('JobEnqueued', patch.job_id))?.data;
  const seen = jobOf(patch.job_id, deps);
  const lead = findings.known(patch.identity);
  const diff = patches.diff(patch.id);
  if (!base || !project || !seen || !lead || diff === null) return null;
  const settings = await settingsOf(base, step);
  const isJudge = (path: string) => decidesVerdict(roleOf(path, settings).role);
  const judges = patch.files.filter(({ path }) => isJudge(path)).map(({ path }) => path);
  const sources = patch.files.map(({ path }) => path).filter((path) => !judges.includes(path));
  const isTest = lead.kind === 'test_fail';
  const history = isTest ? tests.atCommits(patch.project, 500).filter(({ test }) => test === lead.code) : [];
  const names = recipeNames.filter((name) => name !== patch.recipe && base.snapshot.subproject[name] !== undefined);
  const others = cheapFirst.filter((name) => names.includes(name) && (name !== 'audit' || judges.length > 0));
  const files = patch.files.flatMap(({ path, status }) => (status === 'deleted' ? [] : [path]));
  const before = runOfJob(seen, deps);
  const facts = {
    recipe: patch.recipe,
    others,
    rounds: isTest ? roundsOf(history) : 0,
    sources,
    hasJudges: judges.length > 0,
    isWhole: patch.method === 'bump' || (!isTest && lead.file !== null && isJudge(lead.file)),
    fast:
      project.patch?.verify === 'fast' && files.length > 0
        ? narrowCommand(base.command, lead.tool, files, patch.subproject)
        : null,
    mutants: isTest ? mutantsOf(diff, sources) : [],
    canDisguise: isTest,
  };
  const siblings = (identity: string, most: number) => siblingsOf(identity, most, step);
  const conditions = conditionsOf(lead.kind, step);
  const told = isTest ? { diff, sources, tests: await testsOf(lead, step) } : null;
  const doubts = told ? doubtsOf({ ...told, before: await readTexts(sources, step) }) : [];
  return {
    judging: { facts, conditions, before, targets: patch.targets, touched: new Set(files), doubts, siblings },
    base,
    registeredAt: project.created_at,
    objection: told && answersForTest(told),
  };
}

/** Nothing was seen that is to be gone: the patched tree is compared with a run of its own base commit, as strictly as any. */
async function planOfBottle({ bottle_id }: ProposedBottle, project: ProjectDoc, step: Step): Promise<Planned | null> {
  const { patch, deps } = step;
  const diff = deps.models.query().patches.diff(patch.id);
  const { path } = project.subprojects.find((one) => one.path === patch.subproject) ?? {};
  const held = project.subprojects.find((one) => one.path === path);
  if (diff === null || held?.[patch.recipe] === undefined) return null;
  const asked = { recipe: patch.recipe, subproject: patch.subproject, sha: patch.base.sha };
  const [base] = enqueueJobs({ ...project, enabled: true }, asked, { by: 'crafting-table', newId: () => patch.job_id });
  if (base === undefined) return null;
  const settings = await settingsOf(base, step);
  const judges = patch.files.filter(({ path: file }) => decidesVerdict(roleOf(file, settings).role));
  const names = recipeNames.filter((name) => name !== patch.recipe && held[name] !== undefined);
  const facts = {
    recipe: patch.recipe,
    others: cheapFirst.filter((name) => names.includes(name) && (name !== 'audit' || judges.length > 0)),
    rounds: 1,
    sources: patch.files.flatMap((file) => (judges.includes(file) ? [] : [file.path])),
    hasJudges: judges.length > 0,
    isWhole: false,
    fast: null,
    mutants: [],
    canDisguise: false,
  };
  const before = { jobId: bottle_id, command: base.command, ...notRun };
  const siblings = (identity: string) => new Set([identity]);
  const touched = new Set(patch.files.map(({ path: file }) => file));
  return {
    judging: { facts, conditions: deps.config.patcher.proof, before, targets: [], touched, siblings },
    base,
    registeredAt: project.created_at,
    objection: null,
  };
}

/** The run of the base commit takes its place. */
const notRun = {
  ...{ reason: null, exitCode: null, durationMs: null, tests: null, tools: [], occurrences: [] },
  ...{ detail: null, failure: null, sandbox: null },
};

/** The texts of the tests that fail, as far as their runner says where they are. */
async function testsOf({ file }: Pick<FindingDoc, 'file'>, step: Step): Promise<string[]> {
  return file === null ? [] : [...(await readTexts([file], step)).values()];
}

/** An advisory can only be looked up where it is published: for those the registries stay open. */
function conditionsOf(kind: string, { deps }: Step): ProofConditions {
  const { proof } = deps.config.patcher;
  return proof === 'strict' && kind === 'cve' ? 'registries' : proof;
}

/** What the runners' own settings at the base commit say about paths. */
async function settingsOf({ snapshot, subproject }: JobEnqueuedData, step: Step) {
  const folders = [...new Set(['.', subproject])];
  const paths = folders.flatMap((folder) => settingNames.map((name) => posix.join(folder, name)));
  const commands = recipeNames.flatMap((name) => {
    const command = snapshot.subproject[name];
    return command === undefined ? [] : [{ folder: subproject, command }];
  });
  return readRunnerSettings(await readTexts(paths, step), commands);
}

function siblingsOf(identity: string, most: number, { patch, deps }: Step): ReadonlySet<string> {
  const finding = deps.models.query().findings.known(identity);
  if (!finding?.why_identity) return new Set([identity]);
  return equalIdentities(
    patch.project,
    { kind: finding.kind, parts: finding.why_identity.parts },
    Math.min(most, 1000),
  );
}
