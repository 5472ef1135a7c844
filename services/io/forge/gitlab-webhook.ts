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
  push: 'push',
};
const actions: Readonly<Record<string, string>> = {
  open: 'opened',
  reopen: 'reopened',
  close: 'closed',
  merge: 'closed',
  update: 'synchronize',
};

/**
 * What GitLab sends, in the words of the other forges: nothing of it is believed yet. A merge request is known by its `iid`,
 * the number that people see.
 */
export function inOtherWords(payload: unknown): { readonly event: string; readonly payload: unknown } {
  const kind = String(fieldOf(payload, 'object_kind'));
  const project = fieldOf(payload, 'project');
  const about = kind === 'merge_request' ? fieldOf(payload, 'object_attributes') : fieldOf(payload, 'merge_request');
  const action = kind === 'merge_request' ? fieldOf(about, 'action') : undefined;
  const head = { ref: fieldOf(about, 'source_branch'), sha: fieldOf(fieldOf(about, 'last_commit'), 'id') ?? '' };
  const pull = typeof about === 'object' && about !== null ? { number: fieldOf(about, 'iid'), head } : undefined;
  return {
    event: events[kind] ?? kind,
    payload: {
      action: typeof action === 'string' ? (actions[action] ?? action) : undefined,
      repository: { full_name: fieldOf(project, 'path_with_namespace'), clone_url: fieldOf(project, 'git_http_url') },
      pull_request: pull,
      ref: fieldOf(payload, 'ref'),
      after: fieldOf(payload, 'after'),
    },
  };
}
