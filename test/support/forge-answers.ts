import type { ForgeState, StoredPull } from './forge-state.ts';
import type { Json } from './http.ts';

export type Printer = (pull: StoredPull) => Json;

const created = '2026-01-01T00:00:00Z';
const user = (login: string) => ({ id: 1, login, html_url: `http://forge.example/${login}` });

/** Prints pull requests as Gitea does: absent things are null, and the `ref` of a branch that is gone is its own copy. */
export function giteaPrinter(state: ForgeState, url: string): Printer {
  return (pull) => {
    const { repository, number, head, base, headSha, headGone, labels, comments } = pull;
    const repo = {
      id: 1,
      name: repository.split('/')[1],
      full_name: repository,
      clone_url: `${url}/${repository}.git`,
    };
    const isMerged = pull.state === 'merged';
    const html = `${url}/${repository}/pulls/${number}`;
    return {
      id: number,
      number,
      url: html,
      html_url: html,
      title: pull.title,
      body: pull.body,
      user: user('crafting-table'),
      labels: labels.map((name) => printLabel(state, name)),
      assignee: pull.assignees[0] === undefined ? null : user(pull.assignees[0]),
      assignees: pull.assignees.length === 0 ? null : pull.assignees.map(user),
      milestone: null,
      state: pull.state === 'open' ? 'open' : 'closed',
      comments: comments.length,
      review_comments: 0,
      draft: /^\s*(\[wip\]|wip:)/i.test(pull.title),
      mergeable: state.isMergeable(pull),
      merged: isMerged,
      merged_at: isMerged ? pull.updated : null,
      merge_commit_sha: pull.mergeCommit,
      merged_by: isMerged ? user('ann') : null,
      base: { label: base, ref: base, sha: state.tip(repository, base) ?? '', repo_id: 1, repo },
      head: { label: head, ref: headGone ? `refs/pull/${number}/head` : head, sha: headSha, repo_id: 1, repo },
      created_at: created,
      updated_at: pull.updated,
      closed_at: pull.state === 'open' ? null : pull.updated,
    };
  };
}

export function printLabel(state: ForgeState, name: string): Json {
  return { id: state.labels.indexOf(name) + 1, name, color: 'ee9900', description: '', url: '' };
}

/** Fills the smallest answer of GitHub's description with what is known; a list tells less of each than a single one. */
export function githubPrinter(state: ForgeState, url: string): (sample: Json, pull: StoredPull) => Json {
  return (sample, pull) => {
    const { repository, number, head, base } = pull;
    const [owner = '', name = ''] = repository.split('/');
    const repo = { name, full_name: repository, clone_url: `${url}/${repository}.git` };
    const known: Json = {
      ...sample,
      number,
      html_url: `${url}/${repository}/pull/${number}`,
      title: pull.title,
      body: pull.body,
      state: pull.state === 'open' ? 'open' : 'closed',
      labels: pull.labels.map((label) => githubLabel(label)),
      merged_at: pull.state === 'merged' ? pull.updated : null,
      // Of an open one this is a merge that GitHub tried by itself.
      merge_commit_sha: pull.mergeCommit ?? '0'.repeat(40),
      closed_at: pull.state === 'open' ? null : pull.updated,
      updated_at: pull.updated,
      head: {
        ...sample.head,
        label: `${owner}:${head}`,
        ref: head,
        sha: pull.headSha,
        repo: { ...sample.head.repo, ...repo },
      },
      base: {
        ...sample.base,
        label: `${owner}:${base}`,
        ref: base,
        sha: state.tip(repository, base) ?? '',
        repo: { ...sample.base.repo, ...repo },
      },
    };
    if ('draft' in sample) known.draft = pull.draft;
    if ('mergeable' in sample) known.mergeable = state.isMergeable(pull);
    if ('merged' in sample) known.merged = pull.state === 'merged';
    if ('comments' in sample) known.comments = pull.comments.length;
    return known;
  };
}

export function githubLabel(name: string): Json {
  const text = { node_id: '', url: 'http://forge.example/label', name, description: null, color: 'ee9900' };
  return { ...text, id: 1, default: false };
}
