import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Forge, NewPullRequest, PullRequest } from './forge.ts';
import { sourceOf, type TokenSource } from './forge-credential.ts';
import { forgeFailure } from './forge-failure.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf, fitBody, fitText, readPull } from './read-pull.ts';

type GitlabOptions = {
  /** Where GitLab is installed; the API is below it. */
  readonly url: string;
  /** A token, or where one comes from. */
  readonly token: string | TokenSource;
  /** `group/name`, with the groups between. */
  readonly repository: string;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
};

type Answer = { readonly data: unknown; readonly etag: string | null; readonly status: number };
type Asking = { readonly method?: string; readonly body?: object; readonly etag?: string | null };
type Ask = (path: string, asking?: Asking) => Promise<Answer>;

const draftPrefix = 'Draft: ';
const isDraft = /^\s*(draft:|\[draft\]|\(draft\)|wip:|\[wip\])/i;
const states: Readonly<Record<string, PullRequest['state']>> = {
  opened: 'open',
  // While it is merged.
  locked: 'open',
  closed: 'closed',
  merged: 'merged',
};

/**
 * A project on GitLab, of which the pull requests are merge requests, by the number that people see (`iid`). Labels are made
 * by GitLab where they are missing. Assignees and reviewers are looked up by name; whom GitLab does not know is left out.
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function openGitlabForge(options: GitlabOptions): Forge {
  const web = options.url.replace(/\/+$/, '');
  const project = `/projects/${encodeURIComponent(options.repository)}`;
  const { ask, read } = callsOf(options, `${web}/api/v4`);
  const toPull = ({ data }: Pick<Answer, 'data'>): PullRequest =>
    pullOf(data, (iid) => `${web}/${options.repository}/-/merge_requests/${iid}`);
  const of = (number: number) => `${project}/merge_requests/${number}`;
  const put = async (number: number, body: object) => toPull(await ask(of(number), { method: 'PUT', body }));

  const forge: Forge = {
    kind: 'gitlab',
    repository: options.repository,
    findPull: async (head, base) => {
      const query = { source_branch: head, target_branch: base, state: 'all', order_by: 'created_at', per_page: '50' };
      const { data } = await read(`${project}/merge_requests?${new URLSearchParams(query)}`);
      // A fork may have a branch of the same name.
      const own = listOf(data).filter((one) => fieldOf(one, 'source_project_id') === fieldOf(one, 'target_project_id'));
      const pulls = own.map((one) => toPull({ data: one })).filter((one) => one.head === head && one.base === base);
      return pulls.find(({ state }) => state === 'open') ?? pulls[0] ?? null;
    },
    readPull: async (number) => {
      try {
        return toPull(await read(of(number)));
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
    openPull: async (pull) => {
      const { title, body: description } = fitText(
        pull.draft ? { ...pull, title: `${draftPrefix}${pull.title}` } : pull,
      );
      const body = {
        source_branch: pull.head,
        target_branch: pull.base,
        title,
        description,
        ...(await people(read, pull)),
      };
      try {
        return toPull(await ask(`${project}/merge_requests`, { method: 'POST', body }));
      } catch (error) {
        // `handle_merge_request_errors!` of `lib/api/merge_requests.rb`: another one is open for this source branch.
        const found = isAppError(error, 'conflict') ? await forge.findPull(pull.head, pull.base) : null;
        if (found?.state === 'open') return found;
        throw isAppError(error, 'conflict') ? new AppError('invalid', error.message, { cause: error }) : error;
      }
    },
    updatePull: async (number, { draft, ...text }) => {
      const wasDraft = draft === true && isDraft.test((await forge.readPull(number))?.title ?? '');
      const sent = fitText(wasDraft ? { ...text, title: `${draftPrefix}${text.title}` } : text);
      return put(number, { title: sent.title, description: sent.body });
    },
    closePull: (number) => put(number, { state_event: 'close' }),
    comment: async (number, body) => {
      await ask(`${of(number)}/notes`, { method: 'POST', body: { body: fitBody(body) } });
    },
    recentPulls: async (etag) => {
      const query = new URLSearchParams({ state: 'all', order_by: 'updated_at', sort: 'desc', per_page: '100' });
      const answer = await read(`${project}/merge_requests?${query}`, { etag });
      if (answer.status === 304) return null;
      const list = listOf(answer.data);
      const marks = new Map<number, string>();
      for (const one of list) {
        const facts = ['updated_at', 'state', 'sha', 'user_notes_count', 'has_conflicts'].map((name) =>
          fieldOf(one, name),
        );
        const iid = fieldOf(one, 'iid');
        if (typeof iid === 'number') marks.set(iid, JSON.stringify(facts));
      }
      return { etag: answer.etag, marks, more: list.length > 0 };
    },
    setStatus: async ({ sha, context, state, description, url }) => {
      const word = state === 'failure' || state === 'error' ? 'failed' : state;
      const body = { state: word, name: context, description, ...(url === null ? {} : { target_url: url }) };
      await ask(`${project}/statuses/${encodeURIComponent(sha)}`, { method: 'POST', body }).catch(unlessThere);
    },
  };
  return forge;
}

/** The calls of one project; what only reads is asked once more where the forge stumbles. */
function callsOf({ fetch, timeoutMs, ...options }: GitlabOptions, api: string): { ask: Ask; read: Ask } {
  const token = sourceOf(options.token);
  const send = guardedFetch({
    origin: new URL(api).origin,
    authorization: async () => `Bearer ${await token.get()}`,
    onRefused: token.forget,
    fetch,
    timeoutMs,
  });
  const ask: Ask = async (path, { method = 'GET', body, etag = null } = {}) => {
    const headers = new Headers({ accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (etag !== null) headers.set('if-none-match', etag);
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await send(`${api}${path}`, init);
    const data: unknown = response.status === 304 ? null : await response.json().catch(() => null);
    const { status } = response;
    if (response.ok || status === 304) return { data, etag: response.headers.get('etag'), status };
    const header = (name: string) => response.headers.get(name);
    const failure = forgeFailure({ status, header, body: data }, token.given());
    throw status === 409 ? new AppError('conflict', failure.message) : failure;
  };
  const read: Ask = async (path, asking) => {
    try {
      return await ask(path, asking);
    } catch (error) {
      if (isAppError(error, 'unavailable')) return ask(path, asking);
      throw error;
    }
  };
  return { ask, read };
}

/** Labels by name, and people by the ids that belong to their names. There are no teams to ask for a review. */
async function people(read: Ask, { labels, assignees, reviewers = [] }: NewPullRequest): Promise<object> {
  const idsOf = async (names: readonly string[]): Promise<number[]> => {
    const ids: number[] = [];
    for (const name of names.filter((one) => !one.includes('/'))) {
      const { data } = await read(`/users?${new URLSearchParams({ username: name })}`).catch(nobody);
      const id = fieldOf(listOf(data)[0], 'id');
      if (typeof id === 'number') ids.push(id);
    }
    return ids;
  };
  const [assignee_ids, reviewer_ids] = [await idsOf(assignees), await idsOf(reviewers)];
  return {
    ...(labels.length > 0 ? { labels: labels.join(',') } : {}),
    ...(assignee_ids.length > 0 ? { assignee_ids } : {}),
    ...(reviewer_ids.length > 0 ? { reviewer_ids } : {}),
  };
}

function nobody(error: unknown): Pick<Answer, 'data'> {
  const isRefusal = (['forbidden', 'not_found', 'invalid'] as const).some((code) => isAppError(error, code));
  if (!isRefusal) throw error;
  return { data: [] };
}

/** `lib/api/commit_statuses.rb`: a status that is so already "cannot transition", which is no failure. */
function unlessThere(error: unknown): void {
  if (!isAppError(error, 'invalid') || !/cannot transition status/i.test(error.message)) throw error;
}

function listOf(data: unknown): unknown[] {
  return Array.isArray(data) ? data : [];
}

function pullOf(data: unknown, fallbackUrl: (iid: number) => string): PullRequest {
  const printed = {
    number: fieldOf(data, 'iid'),
    url: fieldOf(data, 'web_url'),
    title: fieldOf(data, 'title'),
    state: states[String(fieldOf(data, 'state'))],
    head: fieldOf(data, 'source_branch'),
    headSha: fieldOf(data, 'sha'),
    base: fieldOf(data, 'target_branch'),
    mergeCommit: fieldOf(data, 'merge_commit_sha') ?? fieldOf(data, 'squash_commit_sha'),
    mergeable: mergeableOf(data),
    comments: fieldOf(data, 'user_notes_count'),
  };
  return readPull(printed, fallbackUrl);
}

/** Whether it conflicts: that approvals or pipelines are missing is no conflict. Null while GitLab is looking. */
function mergeableOf(data: unknown): boolean | null {
  const word = fieldOf(data, 'detailed_merge_status') ?? fieldOf(data, 'merge_status');
  if (['checking', 'unchecked', 'preparing', 'approvals_syncing'].includes(String(word))) return null;
  const conflicts = fieldOf(data, 'has_conflicts');
  return typeof conflicts === 'boolean' ? !conflicts : null;
}
