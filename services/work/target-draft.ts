import type { Draft } from '../../events/registry.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { ForgeChoice } from '../floor/forges/choose-forge.ts';
import { oneLine } from '../floor/text/escape-text.ts';
import type { TalkIssue } from '../io/forge/talk/talk.ts';

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

/** The event with which a round on an issue begins; null where the project is on no forge. */
export function targetDraft(
  issue: Pick<TalkIssue, 'number' | 'url' | 'title'>,
  wanted: Wanted,
  { project, choice }: { project: Pick<ProjectDoc, 'name' | 'owner' | 'git_url'>; choice: ForgeChoice | undefined },
): Draft<'IssueTargeted'> | null {
  if (!choice || choice.kind === 'none') return null;
  const id = workIdOf(project.name, issue.number);
  const data = {
    ...{ work_id: id, project: project.name, owner: project.owner, forge: choice.kind, repository: choice.repository },
    ...{ issue: issue.number, issue_url: issue.url || project.git_url, title: oneLine(issue.title, 255) },
    ...{ comment_id: null, budget_tokens: null, instructions: null, ...wanted },
    ...{ by: wanted.by.slice(0, 255), because: wanted.because.slice(0, 512) },
  };
  return { type: 'IssueTargeted', id, data };
}
