import { createHash } from 'node:crypto';
import type { EventData } from '../../../../events/registry.ts';
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

/** Tells the life of one attempt to mend a finding, up to that end. The finding is one that the newest run saw. */
export async function tellAttempt(
  state: FleetState,
  { finding, end, number }: { finding: FleetFinding; end: PatchEnd; number: number },
  deps: FleetLog,
): Promise<void> {
  const { project: fleetProject, jobs } = state;
  const { document } = fleetProject;
  const { name: project, owner, default_branch } = document;
  const { identity, id, recipe, lastJob: job_id } = finding;
  const patch_id = `${id}-1`;
  const own = { patch_id, project };
  const sha = jobs.get(recipe)?.sha ?? commitOf(project, 'base', id);
  const branch = `crafting-table/auto/${job_id}-${id}`;
  const repository = `fleet/${project}`;
  const subproject = document.subprojects[0]?.path ?? '.';
  const pull = {
    ...own,
    forge: 'gitea' as const,
    repository,
    number,
    url: `https://git.example.org/${repository}/pulls/${number}`,
  };
  const tell = (draft: Parameters<typeof append>[1]) => append(deps, draft);
  const failure = (step: Failure['step'], reason: string, detail: string) => ({
    failure: { step, reason, detail, next: 'Ask for it again when that has changed.' },
    cost,
  });
  const members = [{ finding_id: id, identity }];
  await tell({
    type: 'PatchRequested',
    id: patch_id,
    data: {
      ...{ ...own, owner, finding_id: id, identity, attempt_number: 1, members, job_id, subproject, recipe },
      ...{
        base: { branch: default_branch, sha },
        methods: ['agent'],
        by,
        branch,
        // Where there is no forge, a pushed branch is all.
        ...(end === 'pushed' ? { forge: 'none', repository: null } : { forge: 'gitea', repository }),
      },
    },
  });
  if (end === 'declined')
    return void (await tell({
      type: 'PatchDeclined',
      id: patch_id,
      data: { ...own, ...failure('draft', 'declined', 'The agent says that the rule is wrong about this line.') },
    }));
  const defect = defectOf(finding, fleetProject);
  const file = finding.file ?? '';
  const diff = diffOf(fleetProject, defect, file);
  const drafted = await tell({
    type: 'PatchDrafted',
    id: patch_id,
    data: {
      ...{
        ...own,
        method: 'agent',
        turn: 1,
        base_sha: sha,
        targets: [identity],
        diff,
      },
      files: [{ path: file, status: 'modified', added: 1, removed: 1 }],
      ...{ explanation: 'The line says what the rule wants, and does the same.', confidence: 0.8, cost },
    },
  });
  if (end === 'refused')
    return void (await tell({
      type: 'PatchRefused',
      id: patch_id,
      data: { ...own, ...failure('policy', 'suppression', 'The diff silences the rule instead of mending the line.') },
    }));
  if (end === 'abandoned')
    return void (await tell({
      type: 'PatchAbandoned',
      id: patch_id,
      data: { ...own, ...failure('verify', 'runner_gone', 'The runner that proved it went away three times.') },
    }));
  if (end === 'stopped')
    return void (await tell({
      type: 'PatchStopped',
      id: patch_id,
      data: { ...own, by: 'ann', reason: 'We mend this by hand.', ...failure('verify', 'stopped', 'ann stopped it.') },
    }));
  const evidence = evidenceOf(finding, state, document.subprojects[0]?.[recipe] ?? '');
  if (end === 'verify_failed')
    return void (await tell({
      type: 'PatchVerifyFailed',
      id: patch_id,
      data: {
        ...own,
        ...failure('verify', 'still_there', 'The patched tree shows the finding as before.'),
        evidence: null,
      },
    }));
  await tell({ type: 'PatchVerified', id: patch_id, data: { ...own, drafted_seq: drafted.seq, evidence } });
  const title = `Mend ${finding.tool} in ${file.split('/').at(-1)}`;
  const digest = createHash('sha256').update(diff).digest('hex');
  if (end === 'awaiting_approval') {
    const expires_at = new Date(deps.now() + 30 * dayMs).toISOString();
    return void (await tell({
      type: 'PatchApprovalRequested',
      id: patch_id,
      data: { ...own, digest, drafted_seq: drafted.seq, title, expires_at },
    }));
  }
  const commit = commitOf(project, 'patch', id);
  await tell({ type: 'BranchPushed', id: patch_id, data: { ...own, branch, commit, base_sha: sha, replaces: null } });
  if (end === 'pushed') return;
  await tell({ type: 'PrOpened', id: patch_id, data: { ...pull, title } });
  if (number % 3 === 0) await tell({ type: 'PrCommented', id: patch_id, data: { ...pull, comments: 2 } });
  if (end === 'merged')
    await tell({ type: 'PrMerged', id: patch_id, data: { ...pull, commit: await deps.merge(fleetProject, defect) } });
  if (end === 'closed') await tell({ type: 'PrClosed', id: patch_id, data: pull });
  if (end === 'conflicted') await tell({ type: 'PrConflicted', id: patch_id, data: pull });
  if (end === 'superseded')
    await tell({
      type: 'PrSuperseded',
      id: patch_id,
      data: { ...pull, job_id, reason: 'the finding is gone by another way' },
    });
  // As the loop does after the end: otherwise it would look for branches that never were.
  if (end === 'merged' || end === 'closed' || end === 'superseded')
    await tell({ type: 'BranchRemoved', id: patch_id, data: { ...own, branch, commit } });
}

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
