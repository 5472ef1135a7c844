import { hash, timingSafeEqual } from 'node:crypto';
import { fieldOf } from './read-pull.ts';

/** GitLab signs nothing: it sends the secret itself. Compared in constant time, whatever the lengths. */
export function isGitlabSecret(given: string | undefined, secret: string): boolean {
  if (given === undefined || secret === '') return false;
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'));
}

const events: Readonly<Record<string, string>> = {
  merge_request: 'pull_request',
  note: 'issue_comment',
  issue: 'issues',
  push: 'push',
};
const actions: Readonly<Record<string, string>> = {
  open: 'opened',
  reopen: 'reopened',
  close: 'closed',
  merge: 'closed',
  update: 'synchronize',
};

function actionOf(kind: string, action: string): string {
  return kind === 'issue' && action === 'update' ? 'edited' : (actions[action] ?? action);
}

/**
 * What GitLab sends, in the words of the other forges: nothing of it is believed yet. Merge requests and issues are known
 * by their `iid`, the number that people see.
 */
export function inOtherWords(payload: unknown): { readonly event: string; readonly payload: unknown } {
  const kind = String(fieldOf(payload, 'object_kind'));
  const project = fieldOf(payload, 'project');
  const about = kind === 'merge_request' ? fieldOf(payload, 'object_attributes') : fieldOf(payload, 'merge_request');
  const hasAction = kind === 'merge_request' || kind === 'issue';
  const action = hasAction ? fieldOf(fieldOf(payload, 'object_attributes'), 'action') : undefined;
  const head = { ref: fieldOf(about, 'source_branch'), sha: fieldOf(fieldOf(about, 'last_commit'), 'id') ?? '' };
  const pull = typeof about === 'object' && about !== null ? { number: fieldOf(about, 'iid'), head } : undefined;
  // A note is about an issue, a merge request, a commit or a snippet.
  const issue = kind === 'issue' ? fieldOf(payload, 'object_attributes') : fieldOf(payload, 'issue');
  const isIssue = typeof issue === 'object' && issue !== null;
  return {
    event: events[kind] ?? kind,
    payload: {
      action: typeof action === 'string' ? actionOf(kind, action) : undefined,
      repository: { full_name: fieldOf(project, 'path_with_namespace'), clone_url: fieldOf(project, 'git_http_url') },
      pull_request: pull,
      ...(isIssue && pull === undefined ? { issue: { number: fieldOf(issue, 'iid') } } : {}),
      ref: fieldOf(payload, 'ref'),
      after: fieldOf(payload, 'after'),
    },
  };
}
