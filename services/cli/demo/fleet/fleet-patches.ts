import { createHash } from 'node:crypto';
import type { Draft, EventData, EventName } from '../../../../events/registry.ts';
import { append, commitOf, type FleetFinding, type FleetLog, type FleetState } from './fleet-history.ts';
import { type FleetProject, type Standing, sourcesIn } from './fleet-project.ts';

/** How far the attempts of a fleet have come; each project's are another of these. */
export const patchEnds = [
  'pr_opened',
  'merged',
  'closed',
  'conflicted',
  'awaiting_approval',
  'refused',
  'verify_failed',
  'declined',
  'abandoned',
  'pushed',
  'superseded',
  'stopped',
] as const;
type PatchEnd = (typeof patchEnds)[number];

const dayMs = 86_400_000;
const by = 'crafting-table';
const cost = { turns: 1, duration_ms: 4_200, input_tokens: 3_100, output_tokens: 240, usd: 0.02 };

/** One attempt, and what its events have in common. */
type Attempt = {
  readonly state: FleetState;
  readonly finding: FleetFinding;
  readonly end: PatchEnd;
  readonly number: number;
  readonly deps: FleetLog;
  readonly own: { readonly patch_id: string; readonly project: string };
  readonly base_sha: string;
  readonly branch: string;
  readonly repository: string;
  tell<T extends EventName>(type: T, data: EventData<T>): ReturnType<typeof append>;
};

/** Tells the life of one attempt to mend a finding, up to that end. The finding is one that the newest run saw. */
export async function tellAttempt(
  state: FleetState,
  { finding, end, number }: { finding: FleetFinding; end: PatchEnd; number: number },
  deps: FleetLog,
): Promise<void> {
  const { id, recipe, lastJob } = finding;
  const { name: project } = state.project.document;
  const patch_id = `${id}-1`;
  const attempt: Attempt = {
    ...{ state, finding, end, number, deps },
    own: { patch_id, project },
    base_sha: state.jobs.get(recipe)?.sha ?? commitOf(project, 'base', id),
    branch: `crafting-table/auto/${lastJob}-${id}`,
    repository: `fleet/${project}`,
    tell: (type, data) => append(deps, { type, id: patch_id, data } as unknown as Draft),
  };
  await tellRequest(attempt);
  const drafted = await tellDraft(attempt);
  if (drafted === null || !(await tellProof(attempt, drafted))) return;
  await tellPull(attempt, drafted);
}

function tellRequest({ state, finding, end, own, base_sha, branch, repository, tell }: Attempt) {
  const { owner, default_branch, subprojects } = state.project.document;
  const { identity, id, recipe, lastJob: job_id } = finding;
  const members = [{ finding_id: id, identity }];
  const subproject = subprojects[0]?.path ?? '.';
  return tell('PatchRequested', {
    ...{ ...own, owner, finding_id: id, identity, attempt_number: 1, members, job_id, subproject, recipe },
    ...{ base: { branch: default_branch, sha: base_sha }, methods: ['agent'], by, branch },
    // Where there is no forge, a pushed branch is all.
    ...(end === 'pushed' ? { forge: 'none', repository: null } : { forge: 'gitea', repository }),
  });
}

type Drafted = { readonly seq: number; readonly file: string; readonly diff: string; readonly defect: Standing };

/** The diff, or null where none came of it. */
async function tellDraft({ state, finding, end, own, base_sha, tell }: Attempt): Promise<Drafted | null> {
  if (end === 'declined') {
    const failed = failure('draft', 'declined', 'The agent says that the rule is wrong about this line.');
    await tell('PatchDeclined', { ...own, ...failed });
    return null;
  }
  const defect = defectOf(finding, state.project);
  const file = finding.file ?? '';
  const diff = diffOf(state.project, defect, file);
  const { seq } = await tell('PatchDrafted', {
    ...{ ...own, method: 'agent', turn: 1, base_sha, targets: [finding.identity], diff },
    files: [{ path: file, status: 'modified', added: 1, removed: 1 }],
    ...{ explanation: 'The line says what the rule wants, and does the same.', confidence: 0.8, cost },
  });
  return { seq, file, diff, defect };
}

/** Whether it is proven. */
async function tellProof({ state, finding, end, own, tell }: Attempt, { seq }: Drafted): Promise<boolean> {
  const evidence = evidenceOf(finding, state, state.project.document.subprojects[0]?.[finding.recipe] ?? '');
  if (end === 'refused') {
    const failed = failure('policy', 'suppression', 'The diff silences the rule instead of mending the line.');
    await tell('PatchRefused', { ...own, ...failed });
  } else if (end === 'abandoned') {
    const failed = failure('verify', 'runner_gone', 'The runner that proved it went away three times.');
    await tell('PatchAbandoned', { ...own, ...failed });
  } else if (end === 'stopped') {
    const failed = failure('verify', 'stopped', 'ann stopped it.');
    await tell('PatchStopped', { ...own, by: 'ann', reason: 'We mend this by hand.', ...failed });
  } else if (end === 'verify_failed') {
    const failed = failure('verify', 'still_there', 'The patched tree shows the finding as before.');
    await tell('PatchVerifyFailed', { ...own, ...failed, evidence: null });
  } else {
    await tell('PatchVerified', { ...own, drafted_seq: seq, evidence });
    return true;
  }
  return false;
}

/** The branch, the pull request, and how that ended. */
async function tellPull(attempt: Attempt, { seq: drafted_seq, file, diff, defect }: Drafted): Promise<void> {
  const { state, finding, end, number, deps, own, base_sha, branch, repository, tell } = attempt;
  const title = `Mend ${finding.tool} in ${file.split('/').at(-1)}`;
  if (end === 'awaiting_approval') {
    const expires_at = new Date(deps.now() + 30 * dayMs).toISOString();
    const digest = createHash('sha256').update(diff).digest('hex');
    await tell('PatchApprovalRequested', { ...own, digest, drafted_seq, title, expires_at });
    return;
  }
  const commit = commitOf(own.project, 'patch', finding.id);
  await tell('BranchPushed', { ...own, branch, commit, base_sha, replaces: null });
  if (end === 'pushed') return;
  const url = `https://git.example.org/${repository}/pulls/${number}`;
  const pull = { ...own, forge: 'gitea' as const, repository, number, url };
  await tell('PrOpened', { ...pull, title });
  if (number % 3 === 0) await tell('PrCommented', { ...pull, comments: 2 });
  if (end === 'merged') await tell('PrMerged', { ...pull, commit: await deps.merge(state.project, defect) });
  if (end === 'closed') await tell('PrClosed', pull);
  if (end === 'conflicted') await tell('PrConflicted', pull);
  const reason = 'the finding is gone by another way';
  if (end === 'superseded') await tell('PrSuperseded', { ...pull, job_id: finding.lastJob, reason });
  // As the loop does after the end: otherwise it would look for branches that never were.
  if (end === 'merged' || end === 'closed' || end === 'superseded')
    await tell('BranchRemoved', { ...own, branch, commit });
}

const failure = (step: Failure['step'], reason: string, detail: string) => ({
  failure: { step, reason, detail, next: 'Ask for it again when that has changed.' },
  cost,
});

type Failure = EventData<'PatchDeclined'>['failure'];

/** The place in the sources that a finding speaks of. Only such findings are patched. */
export function mendable({ kind, file, line }: FleetFinding): boolean {
  return kind === 'lint' && file !== null && line !== null;
}

function defectOf({ file, line, recipe }: FleetFinding, { path, standings, rounds }: FleetProject): Standing {
  const found = standings.find(
    (one) => one.recipe === recipe && one.line === line && `${path}/${one.file}` === file && one.until >= rounds,
  );
  if (!found) throw new Error(`no defect stands in ${file}:${line}`);
  return found;
}

/** The line as it would be without the defect, with the lines around it as they are. */
function diffOf(project: FleetProject, defect: Standing, file: string): string {
  const lines = sourcesIn(project, project.rounds - 1).get(file) ?? [];
  const [first, last] = [Math.max(1, defect.line - 3), Math.min(lines.length, defect.line + 3)];
  const body = lines.slice(first - 1, last).flatMap((text, at) => {
    return first + at === defect.line ? [`-${text}`, `+// line ${defect.line}`] : [` ${text}`];
  });
  const span = `${first},${last - first + 1}`;
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -${span} +${span} @@\n${body.join('\n')}\n`;
}

function evidenceOf(
  { identity, code, file, line, lastJob, recipe }: FleetFinding,
  { known }: FleetState,
  command: string,
): EventData<'PatchVerified'>['evidence'] {
  const before = [...known.values()].filter((one) => one.recipe === recipe && one.state === 'open').length;
  return {
    ...{ before_job: lastJob, after_job: lastJob, command },
    targets: [{ identity, code, file, line: line ?? 1, gone: true }],
    ...{ identities_before: before, identities_after: before - 1, gone: [identity], appeared: [] },
    ...{ exit_before: 1, exit_after: before > 1 ? 1 : 0 },
    ...{ tests_before: null, tests_after: null, duration_before_ms: 3_200, duration_after_ms: 3_100 },
  };
}
