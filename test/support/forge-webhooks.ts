import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import type { StoredPull } from './forge-state.ts';
import type { Json } from './http.ts';

export type WebhookFacts = {
  readonly forge: 'gitea' | 'github';
  readonly secret: string;
  /** The word in the event header, such as `pull_request`. */
  readonly event: string;
  readonly payload: Json;
  readonly delivery?: string;
};

/** A delivery as a forge makes it. Gitea sends the headers of GitHub too. */
export async function signedWebhook(facts: WebhookFacts): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const { forge, event, delivery = randomUUID() } = facts;
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
