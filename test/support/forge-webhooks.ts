import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import type { StoredPull } from './forge-state.ts';
import type { Json } from './http.ts';

export type ForgeName = 'gitea' | 'github' | 'gitlab';

export type WebhookFacts = {
  readonly forge: ForgeName;
  readonly secret: string;
  /** The word in the event header, such as `pull_request`. */
  readonly event: string;
  readonly payload: Json;
  readonly delivery?: string;
};

/** A delivery as a forge makes it. Gitea sends the headers of GitHub too; GitLab sends the secret itself. */
export async function signedWebhook(facts: WebhookFacts): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const { forge, event, delivery = randomUUID() } = facts;
  if (forge === 'gitlab') {
    const gitlab = { 'x-gitlab-event': event, 'x-gitlab-event-uuid': delivery, 'x-gitlab-token': facts.secret };
    return {
      headers: { 'content-type': 'application/json', ...gitlab },
      body: Buffer.from(JSON.stringify(facts.payload)),
    };
  }
  const text = JSON.stringify(facts.payload);
  const signature = await sign(facts.secret, text);
  const github = { 'x-github-event': event, 'x-github-delivery': delivery, 'x-hub-signature-256': signature };
  const gitea = {
    'x-gitea-event': event,
    'x-gitea-delivery': delivery,
    'x-gitea-signature': signature.slice('sha256='.length),
  };
  const headers = { 'content-type': 'application/json', ...github, ...(forge === 'gitea' ? gitea : {}) };
  return { headers, body: Buffer.from(text) };
}

/** What a forge says of a pull request, or of a push to its branch. */
export function webhookPayload(
  event: string,
  action: string | null,
  pull: StoredPull,
  url: string,
  printed: Json,
): Json {
  const { repository, number, head, headSha } = pull;
  const repo = { id: 1, name: repository.split('/')[1], full_name: repository, clone_url: `${url}/${repository}.git` };
  const sender = { id: 2, login: 'ann' };
  if (event === 'push') return { ref: `refs/heads/${head}`, after: headSha, repository: repo, sender };
  if (event === 'issue_comment')
    return { action, issue: { number, pull_request: {} }, comment: { body: 'no, thanks' }, repository: repo, sender };
  return { action, number, pull_request: printed, repository: repo, sender };
}

/** What happened, as a forge tells it of an issue (`opened`), of words below an issue or a pull request, or of a pull request. */
export type Told = { readonly place: 'issue' | 'pull'; readonly what: 'changed' | 'said'; readonly action: string };

/** The event and the payload of a hook about an issue or a pull request, with as much as the farm reads of it and no more. */
export function talkWebhook(
  forge: ForgeName,
  { repository, number, url }: { repository: string; number: number; url: string },
  { place, what, action }: Told,
): { event: string; payload: Json } {
  if (forge === 'gitlab') {
    const project = { path_with_namespace: repository, git_http_url: `${url}/${repository}.git` };
    const about = { iid: number, source_branch: 'x', last_commit: { id: '' } };
    if (what === 'changed') {
      const kind = place === 'issue' ? 'issue' : 'merge_request';
      const event = place === 'issue' ? 'Issue Hook' : 'Merge Request Hook';
      return { event, payload: { object_kind: kind, project, object_attributes: { ...about, action } } };
    }
    const of = place === 'issue' ? { issue: { iid: number } } : { merge_request: about };
    return { event: 'Note Hook', payload: { object_kind: 'note', project, object_attributes: { id: 1 }, ...of } };
  }
  const common = { action, repository: { full_name: repository }, sender: { login: 'ann' } };
  if (place === 'issue')
    return what === 'said'
      ? { event: 'issue_comment', payload: { ...common, issue: { number }, comment: { id: 1 } } }
      : { event: 'issues', payload: { ...common, issue: { number } } };
  const pull_request = { number, head: { ref: 'x', sha: '' } };
  const said = forge === 'gitea' ? 'pull_request_comment' : 'pull_request_review';
  return { event: what === 'said' ? said : 'pull_request', payload: { ...common, number, pull_request } };
}
