import { createHash } from 'node:crypto';
import { giteaPrinter, githubLabel, githubPrinter, printLabel } from './forge-answers.ts';
import type { ForgeCall, ForgeReply, ForgeRoutes } from './forge-call.ts';
import type { ForgeState, StoredPull, StoredStatus } from './forge-state.ts';
import { giteaTalkRoutes } from './gitea-talk-routes.ts';
import { githubTalkRoutes } from './github-talk-routes.ts';
import type { Json } from './http.ts';

const ok = (body: Json, status = 200): ForgeReply => ({ status, body });

/** Gitea's answers, as `routers/api/v1/repo/pull.go` gives them. */
export function giteaRoutes(state: ForgeState, url: string, users: readonly string[]): ForgeRoutes {
  const print = giteaPrinter(state, url);
  const no = (status: number, message: string) => ok({ message, url: `${url}/api/swagger` }, status);
  const missing = () => no(404, "The target couldn't be found.");
  const withPull = ({ repository, params }: ForgeCall, then: (pull: StoredPull) => ForgeReply): ForgeReply => {
    const pull = state.find(repository, Number(params[2]));
    return pull === undefined ? missing() : then(pull);
  };
  return {
    'GET /repos/{owner}/{repo}': ({ repository }) => ok({ id: 1, full_name: repository, default_branch: 'main' }),
    'GET /repos/{owner}/{repo}/labels': ({ query }) => {
      const limit = Math.min(50, Number(query.get('limit') ?? 30));
      const from = (Number(query.get('page') ?? 1) - 1) * limit;
      return ok(state.labels.slice(from, from + limit).map((name) => printLabel(state, name)));
    },
    'GET /repos/{owner}/{repo}/pulls': ({ repository, query }) => {
      const limit = Math.min(50, Number(query.get('limit') ?? 30));
      const from = (Number(query.get('page') ?? 1) - 1) * limit;
      return ok(
        state
          .recent(repository, query.get('state') ?? 'open')
          .slice(from, from + limit)
          .map(print),
      );
    },
    'POST /repos/{owner}/{repo}/pulls': ({ repository, body }) => {
      const { head, base, title, body: words = '', labels = [], assignees = [] } = body;
      if (head === base) return no(422, 'Invalid PullRequest: There are no changes between the head and the base');
      if (state.tip(repository, head) === null || state.tip(repository, base) === null) return missing();
      const open = state.between(repository, head, base).find((pull) => pull.state === 'open');
      if (open !== undefined) {
        // `ErrPullRequestAlreadyExists.Error` in `models/issues/pull.go`: both are ids of rows, which count over all repositories.
        // `CreatePullRequest` in `routers/api/v1/repo/pull.go` of some releases puts the number there: nobody may rely on either.
        const ids = `id: ${1000 + open.number}, issue_id: ${2000 + open.number}, head_repo_id: 1, base_repo_id: 1`;
        const targets = `[${ids}, head_branch: ${head}, base_branch: ${base}]`;
        return no(409, `pull request already exists for these targets ${targets}`);
      }
      const stranger = assignees.find((name: string) => !users.includes(name));
      if (stranger !== undefined) return no(422, `Assignee does not exist: [name: ${stranger}]`);
      const pull = state.open({ repository, head, base, title, body: words });
      const known = state.labels.filter((_, index) => labels.includes(index + 1));
      return ok(print(state.change(pull, { labels: known, assignees })), 201);
    },
    'GET /repos/{owner}/{repo}/pulls/{base}/{head}': ({ repository, params: [, , base = '', head = ''] }) => {
      // `GetPullRequestByBaseHeadInfo` in `models/issues/pull.go`: no order and no state, so a database gives the oldest.
      const [pull] = state.between(repository, head, base);
      return pull === undefined ? missing() : ok(print(pull));
    },
    'GET /repos/{owner}/{repo}/pulls/{index}': (call) => withPull(call, (pull) => ok(print(pull))),
    'POST /repos/{owner}/{repo}/pulls/{index}/requested_reviewers': (call) =>
      withPull(call, (pull) => {
        const asked = [...(call.body.reviewers ?? []), ...(call.body.team_reviewers ?? [])];
        // `parseReviewersByNames` in `routers/api/v1/repo/pull_review.go`: one that is not there refuses all.
        if (asked.some((name) => !users.includes(name))) return no(404, 'UserNotExist');
        state.change(pull, { reviewers: [...new Set([...pull.reviewers, ...asked])] });
        return ok([], 201);
      }),
    'PATCH /repos/{owner}/{repo}/pulls/{index}': (call) =>
      withPull(call, (pull) => ok(print(state.change(pull, textOf(call.body))), 201)),
    ...giteaTalkRoutes(state, url),
    'POST /repos/{owner}/{repo}/statuses/{sha}': (call) => {
      const stored = storeStatus(state, call);
      if (stored === null) return missing();
      const { sha: _sha, repository: _repository, state: status, ...shown } = stored;
      return ok({ id: state.statuses.length, status, ...shown }, 201);
    },
  };
}

/** GitHub's answers. */
export function githubRoutes(state: ForgeState, url: string, users: readonly string[]): ForgeRoutes {
  const print = githubPrinter(state, url);
  const documentation_url = 'https://docs.github.com/rest';
  const no = (status: number, more: Json) => ok({ documentation_url, ...more }, status);
  const missing = () => no(404, { message: 'Not Found', status: '404' });
  const invalid = (fault: Json) =>
    no(422, { message: 'Validation Failed', errors: [{ resource: 'PullRequest', ...fault }] });
  const withPull = ({ repository, params }: ForgeCall, then: (pull: StoredPull) => ForgeReply): ForgeReply => {
    const pull = state.find(repository, Number(params[2]));
    return pull === undefined ? missing() : then(pull);
  };
  return {
    'GET /repos/{owner}/{repo}': ({ repository, sample }) => ok({ ...sample(200), full_name: repository }),
    'GET /repos/{owner}/{repo}/pulls': ({ repository, query, sample, etag }) => {
      const branch = (query.get('head') ?? '').split(':')[1];
      const found =
        branch === undefined
          ? state.recent(repository, 'all')
          : state.between(repository, branch, query.get('base') ?? '').reverse();
      const wanted = found.filter(({ state: its }) => query.get('state') === 'all' || its === 'open');
      const most = Number(query.get('per_page') ?? 30);
      return conditional(ok(wanted.slice(0, most).map((pull) => print(simple(sample), pull))), etag);
    },
    'POST /repos/{owner}/{repo}/pulls': ({ repository, body, sample }) => {
      const { head, base, title, body: words = '', draft = false } = body;
      const tips = [state.tip(repository, head), state.tip(repository, base)];
      if (tips[0] === null) return invalid({ field: 'head', code: 'invalid' });
      if (tips[1] === null) return invalid({ field: 'base', code: 'invalid' });
      const open = state.between(repository, head, base).find((pull) => pull.state === 'open');
      const owner = repository.split('/')[0];
      const exists = `A pull request already exists for ${owner}:${head}.`;
      if (open !== undefined) return invalid({ code: 'custom', message: exists });
      if (tips[0] === tips[1]) return invalid({ code: 'custom', message: `No commits between ${base} and ${head}` });
      return ok(print(sample(201), state.open({ repository, head, base, title, body: words, draft })), 201);
    },
    'GET /repos/{owner}/{repo}/pulls/{pull_number}': (call) =>
      withPull(call, (pull) => ok(print(call.sample(200), pull))),
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers': (call) =>
      withPull(call, (pull) => {
        const asked = [...(call.body.reviewers ?? []), ...(call.body.team_reviewers ?? [])];
        const message = 'Reviews may only be requested from collaborators.';
        if (asked.some((name) => !users.includes(name))) return no(422, { message });
        state.change(pull, { reviewers: [...new Set([...pull.reviewers, ...asked])] });
        return ok(print(call.sample(201), pull), 201);
      }),
    'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': (call) =>
      withPull(call, (pull) => ok(print(call.sample(200), state.change(pull, textOf(call.body))))),
    ...githubTalkRoutes(state, url),
    'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': (call) =>
      withPull(call, (pull) => {
        state.change(pull, { labels: [...new Set([...pull.labels, ...call.body.labels])] });
        return ok(pull.labels.map(githubLabel));
      }),
    'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees': (call) =>
      withPull(call, (pull) => {
        // Whom GitHub does not know it leaves out.
        const known = call.body.assignees.filter((name: string) => users.includes(name));
        state.change(pull, { assignees: [...new Set([...pull.assignees, ...known])] });
        return ok({ ...call.sample(201), number: pull.number, title: pull.title }, 201);
      }),
    'POST /repos/{owner}/{repo}/statuses/{sha}': (call) => {
      const stored = storeStatus(state, call);
      if (stored === null) return no(422, { message: `No commit found for SHA: ${call.params[2]}` });
      const { sha: _sha, repository: _repository, ...shown } = stored;
      return ok({ ...call.sample(201), id: state.statuses.length, ...shown }, 201);
    },
  };
}

/** As a server does that prints a tag of what it answers: 304 and nothing where that is known. */
export function conditional(reply: ForgeReply, known: string | undefined): ForgeReply {
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.body)).digest('hex')}"`;
  return { ...(known === etag ? { status: 304, body: undefined } : reply), headers: { etag } };
}

/** Keeps a status; null when there is no such commit. */
function storeStatus(state: ForgeState, { repository, params: [, , sha = ''], body }: ForgeCall): StoredStatus | null {
  if (!state.hasCommit(repository, sha)) return null;
  const { context = 'default', state: status, description = '', target_url = '' } = body;
  const stored = { repository, sha, context, state: status, description, target_url };
  state.statuses.push(stored);
  return stored;
}

/** What may be changed of a pull request. */
function textOf({ title, body, state }: Json): Partial<StoredPull> {
  return { ...(title && { title }), ...(body !== undefined && { body }), ...(state && { state }) };
}

/** The one pull request that the sample of a list stands for. */
function simple(sample: (status: number) => Json): Json {
  return sample(200)[0];
}
