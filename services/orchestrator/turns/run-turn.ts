import { createHash } from 'node:crypto';
import type { TurnReason } from '../../../events/work/work.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { bottleIdOf, requestRun } from '../../bottles/request-run.ts';
import { AppError } from '../../floor/app-error.ts';
import { remoteOfProject } from '../../projects/project-remote.ts';
import { endWork } from '../../work/end-work.ts';
import { endDeps, idOf, record, type Step } from '../work-deps.ts';
import { promptOf } from './work-prompts.ts';

/** Claims an issue, from where its base branch stands now. Of many who try at once, one has it. */
export async function claimWork(step: Step): Promise<void> {
  const { work, deps } = step;
  const base = await baseOf(work, step);
  if (base === null) return;
  const data = { ...idOf(work), round: work.round + 1, targeted_seq: work.seqs.targeted, base };
  await record({ type: 'IssueClaimed', id: work.id, data }, work.seqs.claimed, step);
  deps.logger.info({ work: work.id, agent: work.agent, by: work.by }, 'an agent works on an issue');
}

async function baseOf(work: WorkDoc, step: Step): Promise<{ branch: string; sha: string } | null> {
  const { deps } = step;
  const project = deps.models.query().projects.find(work.project);
  if (!project) throw new AppError('not_found', `The project ${work.project} is gone.`);
  const branch = project.default_branch;
  const sha = await deps.workspaces.branchTip(await remoteOfProject(project, deps), branch);
  if (sha !== null) return { branch, sha };
  const detail = `The repository has no branch ${branch}.`;
  await endWork(work, 'failed', { reason: 'no_branch', detail, by: null }, endDeps(step));
  return null;
}

/** Asks for the next turn: a bottle of its own, which goes on with the session of the turn before. */
export async function askTurn(why: TurnReason, step: Step): Promise<void> {
  const { work } = step;
  const turn = work.turn + 1;
  const moved = why === 'conflict' ? await baseOf(work, step) : work.base;
  if (moved === null) return;
  const comments = why === 'review' ? work.pending.map(({ kind, id }) => ({ kind, id })) : [...work.asked];
  const data = {
    ...{ ...idOf(work), round: work.round, turn, why, bottle_id: bottleOf(work, turn), session: work.session },
    ...{ base_sha: moved.sha, comments },
  };
  const prompt = await promptOf({ ...data, before: work.base?.sha ?? moved.sha }, step);
  const prompt_digest = createHash('sha256').update(prompt).digest('hex');
  await record({ type: 'WorkTurnAsked', id: work.id, data: { ...data, prompt_digest } }, work.seqs.turn, step);
}

const causesOf = ({ id, round }: WorkDoc, turn: number) => ['work', id, `${round}`, `${turn}`];
const bottleOf = (work: WorkDoc, turn: number) => bottleIdOf(causesOf(work, turn));

/** Has the bottle of the newest turn run. Its prompt is made from the forge once more: an event of the log holds none of its text. */
export async function requestTurn(step: Step): Promise<void> {
  const { work, effect, deps } = step;
  const { log, models } = deps;
  const asked = await log.last('WorkTurnAsked', work.id);
  const project = models.query().projects.find(work.project);
  if (!asked || !project || asked.data.bottle_id !== work.bottle_id) return;
  const turns = await log.at(work.seqs.claimed);
  const first = turns?.type === 'IssueClaimed' ? turns.data.base.sha : asked.data.base_sha;
  await requestRun(
    {
      causes: causesOf(work, work.turn),
      ...{ project: project.name, owner: project.owner, subproject: null },
      ...{ agent: work.agent, session: asked.data.session, requested_by: 'crafting-table' },
      prompt: await promptOf({ ...asked.data, before: first }, step),
      work: {
        ...{ kind: 'issue', repository: work.repository, issue: work.issue, ref: asked.data.base_sha },
        ...(work.pull === null ? {} : { pulls: [work.pull.number] }),
      },
      ...(work.budget_tokens === null ? {} : { budget: { tokens: work.budget_tokens } }),
    },
    { log, cause: effect(`bottle of turn ${work.turn}`) },
  );
}
