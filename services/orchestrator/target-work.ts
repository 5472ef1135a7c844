import { oneLine } from '../floor/escape-text.ts';
import type { TalkIssue } from '../io/forge/talk/talk.ts';
import { grantOf } from '../projects/forge-access.ts';
import type { Orchestrated } from './who-may.ts';
import { type Doing, record, workNow } from './work-deps.ts';

/** What somebody who may wants of an agent. */
export type Wanted = {
  readonly agent: string;
  readonly verb: 'fix' | 'explain';
  readonly trigger: 'label' | 'comment' | 'api';
  readonly by: string;
  readonly because: string;
  readonly comment_id?: number;
  readonly instructions?: string | null;
  readonly budget_tokens?: number | null;
};

export const workIdOf = (project: string, issue: number) => `${project}-${issue}`;

/** Begins a round; false where one is under way. */
export async function target(issue: TalkIssue, wanted: Wanted, here: Orchestrated, doing: Doing): Promise<boolean> {
  const { deps } = doing;
  const { project } = here;
  const id = workIdOf(project.name, issue.number);
  const work = workNow(id, deps);
  if (work && work.state !== 'ended') return false;
  const choice = grantOf(project, { config: deps.config, query: deps.models.query, clock: deps.clock })?.choice;
  if (!choice || choice.kind === 'none') return false;
  const data = {
    ...{ work_id: id, project: project.name, owner: project.owner, forge: choice.kind, repository: choice.repository },
    ...{ issue: issue.number, issue_url: issue.url || project.git_url, title: oneLine(issue.title, 255) },
    ...{ comment_id: null, budget_tokens: null, instructions: null, ...wanted },
    ...{ by: wanted.by.slice(0, 255), because: wanted.because.slice(0, 512) },
  };
  return record({ type: 'IssueTargeted', id, data }, work?.seqs.targeted ?? 0, doing);
}
