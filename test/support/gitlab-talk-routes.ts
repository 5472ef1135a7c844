import type { ForgeCall, ForgeReply, ForgeRoutes } from './forge-call.ts';
import type { ForgeState } from './forge-state.ts';
import { farmLogin, type StoredComment, type StoredIssue } from './forge-talk-state.ts';
import type { Json } from './http.ts';

const ok = (body: Json, status = 200): ForgeReply => ({ status, body });
const missing = (): ForgeReply => ok({ message: '404 Not found' }, 404);

/** What GitLab answers of issues, notes and discussions, as `lib/api/{issues,notes,discussions,members}.rb` do. */
export function gitlabTalkRoutes(state: ForgeState, url: string, users: readonly string[]): ForgeRoutes {
  const { talk } = state;
  const numberOf = ({ params }: ForgeCall) => Number(params[1]);
  const person = (username: string) => ({ id: users.indexOf(username) + 1, username });
  const pageOf = <T>(all: readonly T[], { query }: ForgeCall): T[] => {
    const size = Math.min(100, Number(query.get('per_page') ?? 20));
    const from = (Number(query.get('page') ?? 1) - 1) * size;
    return all.slice(from, from + size);
  };
  const printIssue = (issue: StoredIssue): Json => ({
    ...{ id: 7000 + issue.number, iid: issue.number, project_id: 7, title: issue.title, description: issue.body },
    ...{ author: person(issue.author), labels: issue.labels, assignees: issue.assignees.map(person) },
    state: issue.state === 'open' ? 'opened' : 'closed',
    updated_at: issue.updated,
    web_url: `${url}/${issue.repository}/-/issues/${issue.number}`,
  });
  const printNote = (one: StoredComment): Json => ({
    ...{ id: one.id, body: one.body, author: person(one.author), created_at: one.created, system: false },
    noteable_type: one.place === 'issue' ? 'Issue' : 'MergeRequest',
    type: one.path === null ? null : 'DiffNote',
    ...(one.path === null ? {} : { position: { new_path: one.path, new_line: one.line, old_line: null } }),
  });
  const withIssue = (call: ForgeCall, then: (issue: StoredIssue) => ForgeReply): ForgeReply => {
    const issue = talk.find(call.repository, numberOf(call));
    return issue ? then(issue) : missing();
  };
  const notes = (place: 'issue' | 'pull') => (call: ForgeCall) =>
    ok(pageOf(talk.ofThread(call.repository, place, numberOf(call)), call).map(printNote));
  const edit = (call: ForgeCall): ForgeReply => {
    const found = talk.comments.find((one) => one.id === Number(call.params[2]));
    if (!found) return missing();
    Object.assign(found, { body: call.body.body, edits: found.edits + 1 });
    talk.touch(talk.find(found.repository, found.number));
    return ok(printNote(found));
  };
  const say = (call: ForgeCall, place: 'issue' | 'pull'): ForgeReply => {
    const facts = { repository: call.repository, place, number: numberOf(call), author: farmLogin };
    return ok(printNote(talk.say({ ...facts, body: call.body.body })), 201);
  };
  return {
    'GET /user': () => ok(person(farmLogin)),
    'GET /groups/{id}/members/all/{user_id}': ({ params: [group = '', id = ''] }) => {
      const username = users[Number(id) - 1] ?? '';
      const member = { ...person(username), state: 'active', access_level: 30 };
      return talk.isMember(group, username) ? ok(member) : missing();
    },
    'GET /projects/{id}/issues': (call) => {
      const since = Date.parse(call.query.get('updated_after') ?? '') || 0;
      const found = talk.issues.filter((one) => one.repository === call.repository && Date.parse(one.updated) >= since);
      return ok(
        pageOf(
          [...found].sort((a, b) => b.updated.localeCompare(a.updated)),
          call,
        ).map(printIssue),
      );
    },
    'GET /projects/{id}/issues/{issue_iid}': (call) => withIssue(call, (issue) => ok(printIssue(issue))),
    'PUT /projects/{id}/issues/{issue_iid}': (call) =>
      withIssue(call, (issue) => ok(printIssue(Object.assign(issue, { body: call.body.description ?? issue.body })))),
    'GET /projects/{id}/issues/{issue_iid}/notes': notes('issue'),
    'POST /projects/{id}/issues/{issue_iid}/notes': (call) => withIssue(call, () => say(call, 'issue')),
    'PUT /projects/{id}/issues/{issue_iid}/notes/{note_id}': edit,
    'GET /projects/{id}/issues/{issue_iid}/resource_label_events': (call) =>
      withIssue(call, ({ marks }) => {
        const labels = marks.filter(({ what }) => what === 'label');
        const printed = labels.map(({ name, by, added }, index) => ({
          ...{ id: index + 1, user: person(by), created_at: '2026-01-01T00:00:00Z', label: { id: 1, name } },
          action: added ? 'add' : 'remove',
        }));
        return ok(pageOf(printed, call));
      }),
    'GET /projects/{id}/merge_requests/{merge_request_iid}/notes': notes('pull'),
    'POST /projects/{id}/merge_requests/{merge_request_iid}/notes': (call) => {
      const pull = state.find(call.repository, numberOf(call));
      if (!pull) return missing();
      state.change(pull, { comments: [...pull.comments, call.body.body] });
      return say(call, 'pull');
    },
    'PUT /projects/{id}/merge_requests/{merge_request_iid}/notes/{note_id}': edit,
    'GET /projects/{id}/merge_requests/{merge_request_iid}/discussions': (call) => {
      const all = talk.comments.filter(
        (one) => one.repository === call.repository && one.place === 'pull' && one.number === numberOf(call),
      );
      const first = all.filter(({ replyTo }) => replyTo === null);
      const printed = first.map((one) => ({
        id: `d${one.id}`,
        individual_note: one.path === null,
        notes: [one, ...all.filter(({ replyTo }) => replyTo === one.id)].map(printNote),
      }));
      return ok(pageOf(printed, call));
    },
    'POST /projects/{id}/merge_requests/{merge_request_iid}/discussions/{discussion_id}/notes': (call) => {
      const first = talk.comments.find((one) => `d${one.id}` === call.params[2]);
      if (!first) return missing();
      const facts = { repository: call.repository, place: 'pull', number: numberOf(call), author: farmLogin } as const;
      const { path, line, id: replyTo } = first;
      return ok(printNote(talk.say({ ...facts, body: call.body.body }, { path, line, replyTo })), 201);
    },
  };
}
