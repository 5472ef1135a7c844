import { isAppError } from '../../../floor/app-error.ts';
import { fieldOf, fitBody } from '../read-pull.ts';
import { commentOf, inOrder, nameAt, readIssue, readSaid, textOf } from './read-talk.ts';
import { orMissing, type RestCalls } from './rest-calls.ts';
import type { Talk, TalkComment, TalkIssue } from './talk.ts';

const page = { size: 100 };

/**
 * GitHub and GitHub Enterprise. Issues and pull requests share their numbers, and review comments have ids of their own.
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function githubTalk(calls: RestCalls, repository: string): Talk {
  const repo = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}`;
  const comments = async (place: 'issue' | 'pull', number: number) =>
    inOrder((await calls.pages(`${repo}/issues/${number}/comments`, page)).map((one) => commentOf(one, place)));
  const say = async (number: number, body: string) =>
    readSaid(await calls.send('POST', `${repo}/issues/${number}/comments`, { body: fitBody(body) }));
  return {
    kind: 'github',
    repository,
    me: async () => {
      try {
        return textOf(fieldOf(await calls.get('/user'), 'login')) || null;
      } catch (error) {
        // The token of an app's installation is no user.
        if (isAppError(error, 'forbidden') || isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
    isMember: (organisation, login) =>
      calls.exists(`/orgs/${encodeURIComponent(organisation)}/members/${encodeURIComponent(login)}`),
    read: async (_place, number) => {
      const found = await orMissing(calls.get(`${repo}/issues/${number}`));
      return found === null ? null : issueOf(found);
    },
    changedIssues: async (since) => {
      const query = new URLSearchParams({ state: 'all', sort: 'updated', direction: 'desc', since });
      const found = await calls.pages(`${repo}/issues?${query}`, { ...page, most: 5 });
      return found.map(issueOf).filter(({ place }) => place === 'issue');
    },
    marks: async (issue) => {
      const [labelled, assigned] = [new Map<string, string>(), new Map<string, string>()];
      for (const one of await calls.pages(`${repo}/issues/${issue}/events`, page)) {
        const [event, by] = [fieldOf(one, 'event'), nameAt(one, 'actor', 'login')];
        const [label, assignee] = [nameAt(one, 'label', 'name'), nameAt(one, 'assignee', 'login').toLowerCase()];
        if (event === 'labeled') labelled.set(label, by);
        else if (event === 'unlabeled') labelled.delete(label);
        // `assigner` is who did it; `actor` may be the one who got it.
        else if (event === 'assigned') assigned.set(assignee, nameAt(one, 'assigner', 'login') || by);
        else if (event === 'unassigned') assigned.delete(assignee);
      }
      return { labelled, assigned };
    },
    comments,
    reviews: async (number) => {
      const reviews = (await calls.pages(`${repo}/pulls/${number}/reviews`, page)).filter(
        (one) =>
          ['CHANGES_REQUESTED', 'COMMENTED'].includes(String(fieldOf(one, 'state'))) && textOf(fieldOf(one, 'body')),
      );
      const lines = await calls.pages(`${repo}/pulls/${number}/comments`, page);
      return inOrder([
        ...reviews.map((one) => commentOf({ ...Object(one), created_at: fieldOf(one, 'submitted_at') }, 'summary')),
        ...lines.map(lineOf),
        ...(await comments('pull', number)),
      ]);
    },
    say: (_place, number, body) => say(number, body),
    edit: async (_place, _number, comment, body) =>
      void (await calls.send('PATCH', `${repo}/issues/comments/${comment}`, { body: fitBody(body) })),
    answer: async (pull, { kind, id, thread }, body) => {
      if (kind !== 'review') return say(pull, body);
      const path = `${repo}/pulls/${pull}/comments/${thread ?? id}/replies`;
      return readSaid(await calls.send('POST', path, { body: fitBody(body) }));
    },
    describe: async (_place, number, body) =>
      void (await calls.send('PATCH', `${repo}/issues/${number}`, { body: fitBody(body) })),
  };
}

function issueOf(data: unknown): TalkIssue {
  const list = (name: string) => {
    const all = fieldOf(data, name);
    return Array.isArray(all) ? all : [];
  };
  const pull = fieldOf(data, 'pull_request') ?? null;
  return readIssue({
    number: fieldOf(data, 'number'),
    place: pull === null ? 'issue' : 'pull',
    title: fieldOf(data, 'title'),
    body: fieldOf(data, 'body'),
    state: typeof fieldOf(pull, 'merged_at') === 'string' ? 'merged' : fieldOf(data, 'state'),
    author: nameAt(data, 'user', 'login'),
    url: fieldOf(data, 'html_url'),
    labels: list('labels').map((one) => (typeof one === 'string' ? one : fieldOf(one, 'name'))),
    assignees: list('assignees').map((one) => fieldOf(one, 'login')),
    updatedAt: fieldOf(data, 'updated_at'),
  });
}

/** Answers go to the comment with which a thread begins. */
function lineOf(data: unknown): TalkComment | null {
  const read = commentOf(data, 'review');
  const line = fieldOf(data, 'line') ?? fieldOf(data, 'original_line');
  const first = fieldOf(data, 'in_reply_to_id') ?? fieldOf(data, 'id');
  const path = textOf(fieldOf(data, 'path')).slice(0, 1024);
  return read && { ...read, thread: String(first), path, line: typeof line === 'number' ? line : null };
}
