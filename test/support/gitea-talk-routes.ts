import type { ForgeCall, ForgeReply, ForgeRoutes } from './forge-call.ts';
import type { ForgeState } from './forge-state.ts';
import { farmLogin, type StoredComment, type StoredIssue } from './forge-talk-state.ts';
import type { Json } from './http.ts';

const ok = (body: Json, status = 200): ForgeReply => ({ status, body });
const person = (login: string) => ({ id: 1, login });
const missing = (): ForgeReply => ok({ message: "The target couldn't be found.", url: 'http://forge.example' }, 404);

/** What Gitea answers of issues, comments and reviews, as `routers/api/v1/repo/issue*.go` and `pull_review.go` do. */
export function giteaTalkRoutes(state: ForgeState, url: string): ForgeRoutes {
  const { talk } = state;
  const repoOf = ({ params }: ForgeCall) => params.slice(0, 2).join('/');
  const numberOf = ({ params }: ForgeCall) => Number(params[2]);
  const pageOf = <T>(all: readonly T[], { query }: ForgeCall): T[] => {
    const limit = Math.min(50, Number(query.get('limit') ?? 30));
    const from = (Number(query.get('page') ?? 1) - 1) * limit;
    return all.slice(from, from + limit);
  };
  const labelOf = (name: string) => ({ id: 1, name, color: 'ee9900' });
  const printIssue = (issue: StoredIssue): Json => ({
    id: 7000 + issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    user: person(issue.author),
    labels: issue.labels.map(labelOf),
    assignees: issue.assignees.length === 0 ? null : issue.assignees.map(person),
    html_url: `${url}/${issue.repository}/issues/${issue.number}`,
    pull_request: null,
    comments: talk.ofThread(issue.repository, 'issue', issue.number).length,
    updated_at: issue.updated,
  });
  const printAsIssue = (repository: string, number: number): Json => {
    const issue = talk.find(repository, number);
    if (issue) return printIssue(issue);
    const pull = state.find(repository, number);
    if (!pull) return null;
    const { title, body, updated, labels } = pull;
    return {
      ...{ id: 7000 + number, number, title, body, labels: labels.map(labelOf), user: person(farmLogin) },
      ...{ assignees: null, html_url: `${url}/${repository}/pulls/${number}`, updated_at: updated },
      state: pull.state === 'open' ? 'open' : 'closed',
      pull_request: { merged: pull.state === 'merged', merged_at: pull.state === 'merged' ? updated : null },
    };
  };
  const print = (one: StoredComment): Json => ({
    ...{ id: one.id, body: one.body, user: person(one.author), created_at: one.created, updated_at: one.created },
    html_url: `${url}/${one.repository}/issues/${one.number}#issuecomment-${one.id}`,
  });
  const placeOf = (call: ForgeCall) => (talk.find(repoOf(call), numberOf(call)) ? 'issue' : 'pull');
  const isThere = (call: ForgeCall) => printAsIssue(repoOf(call), numberOf(call)) !== null;
  return {
    'GET /user': () => ok(person(farmLogin)),
    'GET /orgs/{org}/members/{username}': ({ params: [org = '', login = ''] }) =>
      talk.isMember(org, login) ? ok(undefined, 204) : missing(),
    'GET /repos/{owner}/{repo}/issues': (call) => {
      const since = Date.parse(call.query.get('since') ?? '') || 0;
      const found = talk.issues.filter((one) => one.repository === repoOf(call) && Date.parse(one.updated) >= since);
      return ok(pageOf([...found].reverse(), call).map(printIssue));
    },
    'GET /repos/{owner}/{repo}/issues/{index}': (call) =>
      isThere(call) ? ok(printAsIssue(repoOf(call), numberOf(call))) : missing(),
    'PATCH /repos/{owner}/{repo}/issues/{index}': (call) => {
      const target = talk.find(repoOf(call), numberOf(call)) ?? state.find(repoOf(call), numberOf(call));
      if (!target) return missing();
      Object.assign(target, { body: call.body.body ?? target.body });
      return ok(printAsIssue(repoOf(call), numberOf(call)), 201);
    },
    'GET /repos/{owner}/{repo}/issues/{index}/comments': (call) =>
      isThere(call) ? ok(talk.ofThread(repoOf(call), placeOf(call), numberOf(call)).map(print)) : missing(),
    'POST /repos/{owner}/{repo}/issues/{index}/comments': (call) => {
      if (!isThere(call)) return missing();
      const pull = state.find(repoOf(call), numberOf(call));
      if (pull) state.change(pull, { comments: [...pull.comments, call.body.body] });
      const facts = { repository: repoOf(call), place: placeOf(call), number: numberOf(call) } as const;
      return ok(print(talk.say({ ...facts, author: farmLogin, body: call.body.body })), 201);
    },
    'PATCH /repos/{owner}/{repo}/issues/comments/{id}': (call) => {
      const found = talk.comments.find((one) => one.id === numberOf(call));
      if (!found) return missing();
      // An administrator of the repository may edit what others said; the farm has no business there.
      if (found.author !== farmLogin) return ok({ message: 'forbidden', url: '' }, 403);
      Object.assign(found, { body: call.body.body, edits: found.edits + 1 });
      talk.touch(talk.find(found.repository, found.number));
      return ok(print(found));
    },
    'GET /repos/{owner}/{repo}/issues/{index}/timeline': (call) => {
      const marks = talk.find(repoOf(call), numberOf(call))?.marks ?? [];
      const all = marks.map(({ what, name, by, added }, index) =>
        what === 'label'
          ? { id: index + 1, type: 'label', user: person(by), label: labelOf(name), body: added ? '1' : '' }
          : {
              ...{ id: index + 1, type: 'assignees', user: person(by), assignee: person(name), body: '' },
              removed_assignee: !added,
            },
      );
      return ok(pageOf(all, call));
    },
    'GET /repos/{owner}/{repo}/pulls/{index}/reviews': (call) => {
      const found = talk.reviews.filter((one) => one.repository === repoOf(call) && one.number === numberOf(call));
      const printed = found.map((one) => ({
        ...{ id: one.id, user: person(one.author), state: one.state, body: one.body, submitted_at: one.created },
        comments_count: talk.comments.filter(({ review }) => review === one.id).length,
      }));
      return ok(pageOf(printed, call));
    },
    'GET /repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments': (call) => {
      const lines = talk.comments.filter(({ review }) => review === Number(call.params[3]));
      return ok(
        lines.map((one) => ({
          ...{ id: one.id, body: one.body, user: person(one.author), created_at: one.created, path: one.path },
          ...{ position: one.line, original_position: 0, pull_request_review_id: one.review, html_url: `${url}/x` },
        })),
      );
    },
    'POST /repos/{owner}/{repo}/pulls/{index}/reviews': (call) => {
      if (!state.find(repoOf(call), numberOf(call))) return missing();
      const lines = (call.body.comments ?? []).map(({ path, body, new_position: line }: Json) => ({
        path,
        body,
        line,
      }));
      const facts = { author: farmLogin, body: call.body.body ?? '', lines };
      const { review } = talk.review(repoOf(call), numberOf(call), facts);
      return ok({
        id: review.id,
        state: review.state,
        body: review.body,
        user: person(farmLogin),
        html_url: `${url}/x`,
      });
    },
  };
}
