import type { TalkIssue } from '../../io/forge/talk/talk.ts';
import { grantOf } from '../../projects/forge-access.ts';
import { targetDraft, type Wanted, workIdOf } from '../../work/target-draft.ts';
import { type Doing, record, workNow } from '../work-deps.ts';
import type { Orchestrated } from './who-may.ts';

/** Begins a round; false where one is under way. */
export async function target(
  issue: TalkIssue,
  wanted: Wanted,
  { project }: Orchestrated,
  doing: Doing,
): Promise<boolean> {
  const { deps } = doing;
  const work = workNow(workIdOf(project.name, issue.number), deps);
  if (work && work.state !== 'ended') return false;
  const choice = grantOf(project, { config: deps.config, query: deps.models.query, clock: deps.clock })?.choice;
  const draft = targetDraft(issue, wanted, { project, choice });
  return draft !== null && record(draft, work?.seqs.targeted ?? 0, doing);
}
