import type { WorkDoc } from '../../../projections/work/work-document.ts';
import type { TalkIssue } from '../../io/forge/talk/talk.ts';
import { stopWork } from '../../work/end-work.ts';
import { workIdOf } from '../../work/target-draft.ts';
import { concerned, mayTarget } from '../rules/may-target.ts';
import { type Doing, endDeps, idOf, record, workNow } from '../work-deps.ts';
import { followCommands } from './follow-commands.ts';
import { target } from './target-work.ts';
import { agentOfLabels, allowedAmong, type Orchestrated, orchestrated } from './who-may.ts';

/**
 * Looks at an issue as it is on the forge: whether its label, or a command in a comment, asks for an agent, and whether whoever put it
 * there may. Answers the work that is there then, if any. However often and by whom ever it is called, it starts one round.
 */
export async function lookAtIssue(projectName: string, number: number, doing: Doing): Promise<WorkDoc | null> {
  const { deps } = doing;
  const here = orchestrated(projectName, deps);
  if (here === null) return null;
  const id = workIdOf(projectName, number);
  return deps.withLock(`look ${id}`, async () => {
    const issue = await here.talk.read('issue', number);
    if (issue === null || issue.place !== 'issue') return null;
    const triggers = here.settings.triggers ?? ['label', 'comment'];
    if (triggers.includes('label')) await lookAtLabel(issue, here, doing);
    if (triggers.includes('comment')) await followCommands(issue, here, doing);
    return workNow(id, deps);
  });
}

async function lookAtLabel(issue: TalkIssue, here: Orchestrated, doing: Doing): Promise<void> {
  const { deps } = doing;
  const work = workNow(workIdOf(here.project.name, issue.number), deps);
  const found = issue.state === 'open' ? agentOfLabels(issue.labels, here.settings) : null;
  if (found === null) {
    if (work) await unlabelled(work, issue, doing);
    return;
  }
  if (work && (work.state !== 'ended' || !work.armed)) return;
  const { labelled, assigned } = await here.talk.marks(issue.number);
  const facts = {
    organisation: here.organisation,
    author: issue.author,
    labelledBy: labelled.get(found.label) ?? null,
    assignees: issue.assignees,
    assignedBy: assigned,
  };
  const verdict = mayTarget({ ...facts, allowed: await allowedAmong(concerned(facts), here, deps) });
  if (!verdict.may) {
    const said = { project: here.project.name, issue: issue.number, code: 'not_targeted' };
    deps.logger.info({ ...said, why: verdict.why }, 'a labelled issue starts nothing');
    return;
  }
  const wanted = {
    agent: found.agent,
    verb: 'fix',
    trigger: 'label',
    by: verdict.by,
    because: verdict.because,
  } as const;
  await target(issue, wanted, here, doing);
}

/** Nothing asks for an agent any more: what a label began ends with it, unless people look at a pull request by now. */
async function unlabelled(work: WorkDoc, issue: TalkIssue, doing: Doing): Promise<void> {
  const reason = issue.state === 'open' ? 'label_removed' : 'issue_closed';
  if (work.state === 'ended') {
    if (work.armed) return;
    const data = { ...idOf(work), reason };
    await record({ type: 'IssueUntargeted', id: work.id, data }, work.seqs.untargeted, doing);
  } else if (work.pull === null && (work.trigger === 'label' || reason === 'issue_closed'))
    await stopWork(
      work,
      { reason, detail: reason === 'label_removed' ? 'The label was taken off.' : 'The issue was closed.', by: null },
      endDeps(doing),
    );
}
