import { fieldOf, fitBody } from '../read-pull.ts';
import { inOrder, nameAt, readComment, readIssue, readSaid, textOf } from './read-talk.ts';
import { orMissing, type RestCalls } from './rest-calls.ts';
import type { Place, Talk, TalkComment, TalkIssue } from './talk.ts';

const page = { size: 100 };
/** Access levels of GitLab: a reporter may label issues; a guest of a public group may be anybody. */
const reporter = 20;

const folder = { issue: 'issues', pull: 'merge_requests' } as const;

/**
 * GitLab: issues and merge requests have numbers of their own, notes have one count of ids, and threads are discussions.
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function gitlabTalk(calls: RestCalls, repository: string): Talk {
  const project = `/projects/${encodeURIComponent(repository)}`;
  const of = (place: Place, number: number) => `${project}/${folder[place]}/${number}`;
  const say = async (place: Place, number: number, body: string) => {
    const said = await calls.send('POST', `${of(place, number)}/notes`, { body: fitBody(body) });
    return readSaid(said, '');
  };
  const userId = async (login: string): Promise<number | null> => {
    const found = await calls.get(`/users?${new URLSearchParams({ username: login })}`);
    const id = fieldOf(Array.isArray(found) ? found[0] : null, 'id');
    return typeof id === 'number' ? id : null;
  };
  return {
    kind: 'gitlab',
    repository,
    me: async () => textOf(fieldOf(await calls.get('/user'), 'username')) || null,
    isMember: async (organisation, login) => {
      const id = await userId(login);
      if (id === null) return false;
      const member = await orMissing(calls.get(`/groups/${encodeURIComponent(organisation)}/members/all/${id}`));
      const level = fieldOf(member, 'access_level');
      return fieldOf(member, 'state') === 'active' && typeof level === 'number' && level >= reporter;
    },
    read: async (place, number) => {
      const found = await orMissing(calls.get(of(place, number)));
      return found === null ? null : issueOf(found, place);
    },
    changedIssues: async (since) => {
      const query = new URLSearchParams({ scope: 'all', order_by: 'updated_at', sort: 'desc', updated_after: since });
      const found = await calls.pages(`${project}/issues?${query}`, { ...page, most: 5 });
      return found.map((one) => issueOf(one, 'issue'));
    },
    marks: async (issue) => {
      const labelled = new Map<string, string>();
      for (const one of await calls.pages(`${of('issue', issue)}/resource_label_events`, page)) {
        const label = nameAt(one, 'label', 'name');
        if (fieldOf(one, 'action') === 'add') labelled.set(label, nameAt(one, 'user', 'username'));
        else labelled.delete(label);
      }
      // GitLab tells of an assignment in a sentence of a note alone.
      return { labelled, assigned: new Map() };
    },
    comments: async (place, number) => {
      const query = 'sort=asc&order_by=created_at';
      const notes = await calls.pages(`${of(place, number)}/notes?${query}`, page);
      return inOrder(notes.map((one) => noteOf(one, place, null)));
    },
    reviews: async (number) => {
      const found: (TalkComment | null)[] = [];
      for (const one of await calls.pages(`${of('pull', number)}/discussions`, page)) {
        const notes = fieldOf(one, 'notes');
        const thread = fieldOf(one, 'individual_note') === true ? null : textOf(fieldOf(one, 'id'));
        for (const note of Array.isArray(notes) ? notes : [])
          found.push(noteOf(note, fieldOf(note, 'type') === 'DiffNote' ? 'review' : 'pull', thread));
      }
      return inOrder(found);
    },
    say,
    edit: async (place, number, comment, body) =>
      void (await calls.send('PUT', `${of(place, number)}/notes/${comment}`, { body: fitBody(body) })),
    answer: async (pull, { thread }, body) => {
      if (thread === null) return say('pull', pull, body);
      const path = `${of('pull', pull)}/discussions/${encodeURIComponent(thread)}/notes`;
      return readSaid(await calls.send('POST', path, { body: fitBody(body) }), '');
    },
    describe: async (place, number, body) =>
      void (await calls.send('PUT', of(place, number), { description: fitBody(body) })),
  };
}

const states: Readonly<Record<string, TalkIssue['state']>> = { closed: 'closed', merged: 'merged' };

function issueOf(data: unknown, place: Place): TalkIssue {
  const assignees = fieldOf(data, 'assignees');
  return readIssue({
    number: fieldOf(data, 'iid'),
    place,
    title: fieldOf(data, 'title'),
    body: fieldOf(data, 'description'),
    state: states[String(fieldOf(data, 'state'))] ?? 'open',
    author: nameAt(data, 'author', 'username'),
    url: fieldOf(data, 'web_url'),
    labels: fieldOf(data, 'labels'),
    assignees: Array.isArray(assignees) ? assignees.map((one) => fieldOf(one, 'username')) : [],
    updatedAt: fieldOf(data, 'updated_at'),
  });
}

/** What GitLab itself writes into a thread is nobody's. */
function noteOf(data: unknown, kind: TalkComment['kind'], thread: string | null): TalkComment | null {
  if (fieldOf(data, 'system') === true) return null;
  const position = fieldOf(data, 'position');
  return readComment({
    kind,
    id: fieldOf(data, 'id'),
    thread,
    author: nameAt(data, 'author', 'username'),
    body: fieldOf(data, 'body'),
    createdAt: fieldOf(data, 'created_at'),
    url: '',
    path: fieldOf(position, 'new_path') ?? fieldOf(position, 'old_path'),
    line: fieldOf(position, 'new_line') ?? fieldOf(position, 'old_line'),
  });
}
