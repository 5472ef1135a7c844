import type { ForgeCall, ForgeReply, ForgeRoutes } from './forge-call.ts';
import { conditional } from './forge-routes.ts';
import type { ForgeState, StoredPull } from './forge-state.ts';
import { gitlabTalkRoutes } from './gitlab-talk-routes.ts';
import type { Json } from './http.ts';

const ok = (body: Json, status = 200): ForgeReply => ({ status, body });
const projectId = 7;
const draft = /^\s*(draft:|\[draft\]|\(draft\))/i;

/** GitLab's answers, as `lib/api/merge_requests.rb` and `lib/api/commit_statuses.rb` of gitlabhq/gitlabhq give them. */
export function gitlabRoutes(state: ForgeState, url: string, users: readonly string[]): ForgeRoutes {
  const person = (username: string) => ({ id: users.indexOf(username) + 1, username });
  const named = (ids: readonly number[] = []) => ids.map((id) => users[id - 1] ?? '');
  const print = (pull: StoredPull): Json => ({
    id: 5000 + pull.number,
    iid: pull.number,
    project_id: projectId,
    title: pull.title,
    description: pull.body,
    state: pull.state === 'open' ? 'opened' : pull.state,
    source_branch: pull.head,
    target_branch: pull.base,
    source_project_id: projectId,
    target_project_id: projectId,
    web_url: `${url}/${pull.repository}/-/merge_requests/${pull.number}`,
    sha: pull.headSha,
    merge_commit_sha: pull.state === 'merged' ? pull.mergeCommit : null,
    squash_commit_sha: null,
    labels: pull.labels,
    assignees: pull.assignees.map(person),
    reviewers: pull.reviewers.map(person),
    draft: draft.test(pull.title),
    has_conflicts: pull.state === 'open' && !state.isMergeable(pull),
    detailed_merge_status: pull.state !== 'open' ? 'not_open' : state.isMergeable(pull) ? 'mergeable' : 'conflict',
    user_notes_count: pull.comments.length,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: pull.updated,
    merged_at: pull.state === 'merged' ? pull.updated : null,
    closed_at: pull.state === 'closed' ? pull.updated : null,
  });
  const no = (status: number, message: Json) => ok({ message }, status);
  const missing = () => no(404, '404 Not found');
  const withPull = ({ repository, params }: ForgeCall, then: (pull: StoredPull) => ForgeReply): ForgeReply => {
    const pull = state.find(repository, Number(params[1]));
    return pull === undefined ? missing() : then(pull);
  };
  return {
    'GET /projects/{id}': ({ repository }) => ok({ id: projectId, path_with_namespace: repository }),
    'GET /users': ({ query }) => ok(users.filter((name) => name === query.get('username')).map(person)),
    'GET /projects/{id}/merge_requests': ({ repository, query, etag }) => {
      const [source, target] = [query.get('source_branch'), query.get('target_branch')];
      const found = state
        .recent(repository, 'all')
        .filter(({ head, base }) => [null, head].includes(source) && [null, base].includes(target));
      const ordered = query.get('order_by') === 'updated_at' ? found : found.sort((a, b) => b.number - a.number);
      return conditional(ok(ordered.slice(0, Number(query.get('per_page') ?? 20)).map(print)), etag);
    },
    'POST /projects/{id}/merge_requests': ({ repository, body }) => {
      const { source_branch: head, target_branch: base, title, description = '', labels = '' } = body;
      // `handle_merge_request_errors!`: messages are lists of sentences.
      if (state.tip(repository, head) === null) return no(400, { source_branch: [`"${head}" does not exist`] });
      const open = state.between(repository, head, base).find((pull) => pull.state === 'open');
      const words = `Another open merge request already exists for this source branch: !${open?.number}`;
      if (open !== undefined) return no(409, [words]);
      const pull = state.open({ repository, head, base, title, body: description });
      const told = { labels: labels.split(',').filter(Boolean), assignees: named(body.assignee_ids) };
      return ok(print(state.change(pull, { ...told, reviewers: named(body.reviewer_ids) })), 201);
    },
    'GET /projects/{id}/merge_requests/{merge_request_iid}': (call) => withPull(call, (pull) => ok(print(pull))),
    'PUT /projects/{id}/merge_requests/{merge_request_iid}': (call) =>
      withPull(call, (pull) => {
        const { title = pull.title, description: body = pull.body, state_event } = call.body;
        const closed = state_event === 'close' ? { state: 'closed' as const } : {};
        return ok(print(state.change(pull, { title, body, ...closed })));
      }),
    ...gitlabTalkRoutes(state, url, users),
    'POST /projects/{id}/statuses/{sha}': ({ repository, params: [, sha = ''], body }) => {
      if (!state.hasCommit(repository, sha)) return no(404, '404 Commit Not Found');
      const { name: context = 'default', state: status, description = '', target_url = '' } = body;
      const last = state.statuses.findLast((one) => one.sha === sha && one.context === context);
      const word = status === 'failed' ? 'failure' : status;
      if (last?.state === word && word === 'pending')
        return no(400, `Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition)`);
      state.statuses.push({ repository, sha, context, state: word, description, target_url });
      return ok({ id: state.statuses.length, sha, status, name: context, description, target_url }, 201);
    },
  };
}
