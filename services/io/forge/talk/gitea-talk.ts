import { fieldOf, fitBody } from '../read-pull.ts';
import { commentOf, inOrder, nameAt, readIssue, readSaid, textOf } from './read-talk.ts';
import { orMissing, type RestCalls } from './rest-calls.ts';
import type { Place, Talk, TalkComment, TalkIssue } from './talk.ts';

const listOf = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);

/**
 * Gitea and Forgejo. Issues and pull requests share their numbers. There is no call that answers a review comment: one more at the
 * same line of the same file stands in the same conversation (`CreateCodeComment` in `services/pull/review.go`).
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function giteaTalk(calls: RestCalls, repository: string): Talk {
  const repo = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}`;
  const comments = async (place: Place, number: number) => {
    // The whole thread comes in one answer.
    const all = listOf(await calls.get(`${repo}/issues/${number}/comments`));
    return inOrder(all.map((one) => commentOf(one, place)));
  };
  const write = (path: string, body: string) => calls.send('PATCH', `${repo}${path}`, { body: fitBody(body) });
  const say = async (number: number, body: string) =>
    readSaid(await calls.send('POST', `${repo}/issues/${number}/comments`, { body: fitBody(body) }));
  return {
    kind: 'gitea',
    repository,
    me: async () => textOf(fieldOf(await calls.get('/user'), 'login')) || null,
    isMember: (organisation, login) =>
      calls.exists(`/orgs/${encodeURIComponent(organisation)}/members/${encodeURIComponent(login)}`),
    read: async (_place, number) => {
      const found = await orMissing(calls.get(`${repo}/issues/${number}`));
      return found === null ? null : issueOf(found);
    },
    changedIssues: async (since) => {
      const query = new URLSearchParams({ state: 'all', type: 'issues', since });
      return newestFirst((await calls.pages(`${repo}/issues?${query}`, { most: 10 })).map(issueOf));
    },
    marks: async (issue) => {
      const [labelled, assigned] = [new Map<string, string>(), new Map<string, string>()];
      for (const one of await calls.pages(`${repo}/issues/${issue}/timeline`)) {
        const [type, by] = [fieldOf(one, 'type'), nameAt(one, 'user', 'login')];
        const label = nameAt(one, 'label', 'name');
        // `CommentTypeLabel`: the content is "1" for one that was put there, and empty for one that was taken off.
        if (type === 'label' && fieldOf(one, 'body') === '1') labelled.set(label, by);
        else if (type === 'label') labelled.delete(label);
        if (type !== 'assignees') continue;
        const assignee = nameAt(one, 'assignee', 'login').toLowerCase();
        if (fieldOf(one, 'removed_assignee') === true) assigned.delete(assignee);
        else assigned.set(assignee, by);
      }
      return { labelled, assigned };
    },
    comments,
    reviews: async (number) => {
      const found: (TalkComment | null)[] = [];
      for (const review of await calls.pages(`${repo}/pulls/${number}/reviews`)) {
        const state = fieldOf(review, 'state');
        if (state === 'PENDING' || state === 'REQUEST_REVIEW') continue;
        if (state !== 'APPROVED' && textOf(fieldOf(review, 'body')) !== '')
          found.push(commentOf({ ...Object(review), created_at: fieldOf(review, 'submitted_at') }, 'summary'));
        if (Number(fieldOf(review, 'comments_count') ?? 0) === 0) continue;
        const lines = listOf(
          await calls.get(`${repo}/pulls/${number}/reviews/${Number(fieldOf(review, 'id'))}/comments`),
        );
        found.push(...lines.map(lineOf));
      }
      return inOrder([...found, ...(await comments('pull', number))]);
    },
    say: (_place, number, body) => say(number, body),
    edit: async (_place, _number, comment, body) => void (await write(`/issues/comments/${comment}`, body)),
    answer: async (pull, { kind, thread }, body) => {
      const [, side = '', line = '', path = ''] = /^(new|old):(\d+):(.*)$/s.exec(thread ?? '') ?? [];
      if (kind !== 'review' || path === '') return say(pull, body);
      const at = side === 'new' ? { new_position: Number(line) } : { old_position: Number(line) };
      const review = { event: 'COMMENT', comments: [{ path, body: fitBody(body), ...at }] };
      return readSaid(await calls.send('POST', `${repo}/pulls/${pull}/reviews`, review));
    },
    describe: async (_place, number, body) => void (await write(`/issues/${number}`, body)),
  };
}

function issueOf(data: unknown): TalkIssue {
  const pull = fieldOf(data, 'pull_request') ?? null;
  return readIssue({
    number: fieldOf(data, 'number'),
    place: pull === null ? 'issue' : 'pull',
    title: fieldOf(data, 'title'),
    body: fieldOf(data, 'body'),
    state: fieldOf(pull, 'merged') === true ? 'merged' : fieldOf(data, 'state'),
    author: nameAt(data, 'user', 'login'),
    url: fieldOf(data, 'html_url'),
    labels: listOf(fieldOf(data, 'labels')).map((one) => fieldOf(one, 'name')),
    assignees: listOf(fieldOf(data, 'assignees')).map((one) => fieldOf(one, 'login')),
    updatedAt: fieldOf(data, 'updated_at'),
  });
}

/** Of a line that is gone, Gitea gives the place in the old file alone. */
function lineOf(data: unknown): TalkComment | null {
  const path = textOf(fieldOf(data, 'path')).slice(0, 1024);
  const position = Number(fieldOf(data, 'position') ?? 0);
  const old = Number(fieldOf(data, 'original_position') ?? 0);
  const read = commentOf(data, 'review');
  const thread = `${position > 0 ? 'new' : 'old'}:${position > 0 ? position : old}:${path}`;
  return read && { ...read, thread, path, line: position > 0 ? position : old };
}

function newestFirst(issues: readonly TalkIssue[]): TalkIssue[] {
  return [...issues].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt)).slice(0, 500);
}
