import type { ForgeCall, ForgeReply, ForgeRoutes } from './forge-call.ts';
import type { ForgeState } from './forge-state.ts';
import { farmLogin, type StoredComment, type StoredIssue } from './forge-talk-state.ts';
import type { Json } from './http.ts';

const ok = (body: Json, status = 200): ForgeReply => ({ status, body });
const missing = (): ForgeReply =>
  ok({ message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' }, 404);
const states = { APPROVED: 'APPROVED', COMMENT: 'COMMENTED', REQUEST_CHANGES: 'CHANGES_REQUESTED' } as const;

/** What GitHub answers of issues, comments and reviews; each answer is the smallest that is described, filled with what is known. */
export function githubTalkRoutes(state: ForgeState, url: string): ForgeRoutes {
  const { talk } = state;
  const numberOf = ({ params }: ForgeCall) => Number(params[2]);
  const pageOf = <T>(all: readonly T[], { query }: ForgeCall): T[] => {
    const size = Math.min(100, Number(query.get('per_page') ?? 30));
    const from = (Number(query.get('page') ?? 1) - 1) * size;
    return all.slice(from, from + size);
  };
  const nobody = {
    ...{ avatar_url: `${url}/a`, events_url: '', followers_url: `${url}/a`, following_url: '', gists_url: '' },
    ...{ gravatar_id: '', html_url: `${url}/u`, id: 1, node_id: '', organizations_url: `${url}/o`, type: 'User' },
    ...{ received_events_url: `${url}/r`, repos_url: `${url}/r`, site_admin: false, starred_url: '' },
    ...{ subscriptions_url: `${url}/s`, url: `${url}/u` },
  };
  const person = (login: string) => ({ ...nobody, login });
  const printIssue = (sample: Json, issue: StoredIssue): Json => ({
    ...sample,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    user: person(issue.author),
    labels: issue.labels.map((name) => ({ name })),
    assignees: issue.assignees.map(person),
    html_url: `${url}/${issue.repository}/issues/${issue.number}`,
    updated_at: issue.updated,
  });
  const printAsIssue = (sample: Json, repository: string, number: number): Json => {
    const issue = talk.find(repository, number);
    if (issue) return printIssue(sample, issue);
    const pull = state.find(repository, number);
    if (!pull) return null;
    const links = { diff_url: null, html_url: null, patch_url: null, url: null };
    return {
      ...{ ...sample, number, title: pull.title, body: pull.body, user: person(farmLogin), updated_at: pull.updated },
      html_url: `${url}/${repository}/pull/${number}`,
      state: pull.state === 'open' ? 'open' : 'closed',
      pull_request: { ...links, merged_at: pull.state === 'merged' ? pull.updated : null },
    };
  };
  const print = (sample: Json, one: StoredComment): Json => ({
    ...{ ...sample, id: one.id, body: one.body, user: person(one.author), created_at: one.created },
    html_url: `${url}/${one.repository}/issues/${one.number}#issuecomment-${one.id}`,
  });
  const printLine = (sample: Json, one: StoredComment): Json => ({
    ...{ ...sample, id: one.id, body: one.body, user: person(one.author), created_at: one.created, path: one.path },
    ...{ line: one.line, html_url: `${url}/x`, ...(one.replyTo === null ? {} : { in_reply_to_id: one.replyTo }) },
  });
  const placeOf = (call: ForgeCall) => (talk.find(call.repository, numberOf(call)) ? 'issue' : 'pull');
  return {
    'GET /user': ({ sample }) => ok({ ...sample(200), login: farmLogin }),
    'GET /orgs/{org}/members/{username}': ({ params: [org = '', login = ''] }) =>
      talk.isMember(org, login) ? ok(undefined, 204) : missing(),
    'GET /repos/{owner}/{repo}/issues': (call) => {
      const since = Date.parse(call.query.get('since') ?? '') || 0;
      const found = talk.issues.filter((one) => one.repository === call.repository && Date.parse(one.updated) >= since);
      const newest = [...found].sort((a, b) => b.updated.localeCompare(a.updated));
      return ok(pageOf(newest, call).map((one) => printIssue(call.sample(200)[0], one)));
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}': (call) => {
      const found = printAsIssue(call.sample(200), call.repository, numberOf(call));
      return found === null ? missing() : ok(found);
    },
    'PATCH /repos/{owner}/{repo}/issues/{issue_number}': (call) => {
      const target = talk.find(call.repository, numberOf(call)) ?? state.find(call.repository, numberOf(call));
      if (!target) return missing();
      Object.assign(target, { body: call.body.body ?? target.body });
      return ok(printAsIssue(call.sample(200), call.repository, numberOf(call)));
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (call) =>
      ok(
        pageOf(talk.ofThread(call.repository, placeOf(call), numberOf(call)), call).map((one) =>
          print(call.sample(200)[0], one),
        ),
      ),
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': (call) => {
      const pull = state.find(call.repository, numberOf(call));
      if (!pull && !talk.find(call.repository, numberOf(call))) return missing();
      if (pull) state.change(pull, { comments: [...pull.comments, call.body.body] });
      const facts = { repository: call.repository, place: placeOf(call), number: numberOf(call) } as const;
      return ok(print(call.sample(201), talk.say({ ...facts, author: farmLogin, body: call.body.body })), 201);
    },
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (call) => {
      const found = talk.comments.find((one) => one.id === numberOf(call) && one.path === null);
      if (!found) return missing();
      Object.assign(found, { body: call.body.body, edits: found.edits + 1 });
      talk.touch(talk.find(found.repository, found.number));
      return ok(print(call.sample(200), found));
    },
    'GET /repos/{owner}/{repo}/issues/{issue_number}/events': (call) => {
      const marks = talk.find(call.repository, numberOf(call))?.marks ?? [];
      const all = marks.map(({ what, name, by, added }, index) => {
        const common = {
          ...{ id: index + 1, node_id: '', url: '', actor: person(by), commit_id: null, commit_url: null },
          ...{ created_at: '2026-01-01T00:00:00Z', performed_via_github_app: null },
        };
        return what === 'label'
          ? { ...common, event: added ? 'labeled' : 'unlabeled', label: { name, color: 'ee9900' } }
          : { ...common, event: added ? 'assigned' : 'unassigned', assignee: person(name), assigner: person(by) };
      });
      return ok(pageOf(all, call));
    },
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (call) => {
      const found = talk.reviews.filter((one) => one.repository === call.repository && one.number === numberOf(call));
      return ok(
        pageOf(found, call).map((one) => ({
          ...{ ...call.sample(200)[0], id: one.id, user: person(one.author), state: states[one.state] },
          ...{ body: one.body, submitted_at: one.created },
        })),
      );
    },
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments': (call) =>
      ok(pageOf(talk.linesOf(call.repository, numberOf(call)), call).map((one) => printLine(call.sample(200)[0], one))),
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies': (call) => {
      const first = talk.comments.find((one) => one.id === Number(call.params[3]) && one.path !== null);
      if (!first) return missing();
      const facts = { repository: call.repository, place: 'pull', number: numberOf(call), author: farmLogin } as const;
      const { path, line, id: replyTo } = first;
      const said = talk.say({ ...facts, body: call.body.body }, { path, line, replyTo, review: first.review });
      return ok(printLine(call.sample(201), said), 201);
    },
  };
}
