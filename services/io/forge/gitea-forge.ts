import type { Api } from 'gitea-js';
import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Forge, NewPullRequest, PullRequest } from './forge.ts';
import { sourceOf, type TokenSource } from './forge-credential.ts';
import { forgeFailure } from './forge-failure.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf, fitBody, fitText, marksOf, readPull, reviewersOf } from './read-pull.ts';

type GiteaOptions = {
  /** Where the forge is installed, such as `https://git.example.org/forge`; the API is below it. */
  readonly url: string;
  /** A token, or where one comes from. */
  readonly token: string | TokenSource;
  /** `owner/name` */
  readonly repository: string;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
};

type Printed = { readonly data: unknown; readonly date: string | null };
type Client = { readonly api: Api<unknown>; readonly owner: string; readonly name: string };

/** The most that Gitea gives on a page, unless its administrator says otherwise (`[api] MAX_RESPONSE_ITEMS`). */
const onAPage = 50;
const mostPages = 10;
/** What Gitea knows as "not ready" (`[repository.pull-request] WORK_IN_PROGRESS_PREFIXES`). */
const draftPrefix = 'WIP: ';
const isDraft = /^\s*(\[wip\]|wip:)/i;

/**
 * A repository on Gitea or Forgejo. Labels are those of the repository by their names; one that is not there is left out,
 * and labels that the token may not read, or assignees that the forge refuses, are too.
 *
 * `findPull` asks by base and head, which answers the oldest when a branch had several (`GetPullRequestByBaseHeadInfo` in
 * `models/issues/pull.go` takes one in no order): unless that one is open, those that are open are looked through. The 409 of a
 * second one says `issue_id`, a field for the id of a row (`ErrPullRequestAlreadyExists` there), which some releases fill with
 * the number (`CreatePullRequest` in `routers/api/v1/repo/pull.go`): it is not read. `mergeable` is also false while Gitea is
 * still looking, so within a minute of a change it means null.
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function openGiteaForge(options: GiteaOptions): Forge {
  const token = sourceOf(options.token);
  const base = options.url.replace(/\/+$/, '');
  const [owner = '', name = ''] = options.repository.split('/').map(encodeURIComponent);
  let made: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    made ??= makeClient({ ...options, token }, base).then((api) => ({ api, owner, name }));
    return made;
  };
  const ask = async (call: (client: Client) => Promise<unknown>): Promise<Printed> => {
    const at = await client();
    try {
      return printedOf(await call(at));
    } catch (error) {
      throw error instanceof Response ? failureOf(error, token.given()) : error;
    }
  };
  const read = async (call: (client: Client) => Promise<unknown>): Promise<Printed> => {
    try {
      return await ask(call);
    } catch (error) {
      // Nothing was written, so asking once more costs nothing; a forge that restarts is back at once.
      if (isAppError(error, 'unavailable')) return ask(call);
      throw error;
    }
  };
  const toPull = (printed: Printed): PullRequest =>
    pullOf(printed, (number) => `${base}/${options.repository}/pulls/${number}`);
  const orNull = (error: unknown): null => {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  };

  const forge: Forge = {
    kind: 'gitea',
    repository: options.repository,
    findPull: async (head, into) => {
      const oldest = await read(({ api }) =>
        // The head is the rest of the path there: its slashes stay, since proxies stumble over %2F.
        api.repos.repoGetPullRequestByBaseHead(owner, name, encodeURIComponent(into), encodePath(head)),
      ).then(toPull, orNull);
      if (oldest === null || oldest.state === 'open') return oldest;
      return (await openOne(read, { head, base: into }, toPull)) ?? oldest;
    },
    readPull: (number) => read(({ api }) => api.repos.repoGetPullRequest(owner, name, number)).then(toPull, orNull),
    openPull: async (pull) => {
      const labels = await labelIds(read, pull.labels).catch(orNone);
      const opened = await create(ask, pull, labels).then(toPull, async (error: unknown) => {
        const found = isAppError(error, 'conflict') ? await forge.findPull(pull.head, pull.base) : null;
        if (found?.state === 'open') return found;
        throw isAppError(error, 'conflict') ? new AppError('unavailable', error.message, { cause: error }) : error;
      });
      for (const reviewer of pull.reviewers ?? [])
        await ask(({ api }) =>
          api.repos.repoCreatePullReviewRequests(owner, name, opened.number, reviewersOf([reviewer])),
        ).catch(refused);
      return opened;
    },
    updatePull: async (number, { draft, ...text }) => {
      const wasDraft = draft === true && isDraft.test((await forge.readPull(number))?.title ?? '');
      const sent = fitText(wasDraft ? { ...text, title: `${draftPrefix}${text.title}` } : text);
      return toPull(await ask(({ api }) => api.repos.repoEditPullRequest(owner, name, number, sent)));
    },
    closePull: async (number) =>
      toPull(await ask(({ api }) => api.repos.repoEditPullRequest(owner, name, number, { state: 'closed' }))),
    recentPulls: async () => {
      const query = { state: 'all', sort: 'recentupdate', limit: onAPage } as const;
      const { data } = await read(({ api }) => api.repos.repoListPullRequests(owner, name, query));
      return { etag: null, ...marksOf(data) };
    },
    comment: async (number, body) => {
      await ask(({ api }) => api.repos.issueCreateComment(owner, name, number, { body: fitBody(body) }));
    },
    setStatus: async ({ sha, url, ...status }) => {
      const body = { ...status, ...(url === null ? {} : { target_url: url }) };
      await ask(({ api }) => api.repos.repoCreateStatus(owner, name, encodeURIComponent(sha), body));
    },
  };
  return forge;
}

type Ask = (call: (client: Client) => Promise<unknown>) => Promise<Printed>;

async function makeClient(
  options: GiteaOptions & { readonly token: TokenSource },
  base: string,
): Promise<Api<unknown>> {
  const { giteaApi } = await import('gitea-js');
  const customFetch = guardedFetch({
    origin: new URL(base).origin,
    authorization: async () => `token ${await options.token.get()}`,
    onRefused: options.token.forget,
    fetch: options.fetch,
    timeoutMs: options.timeoutMs,
  });
  return giteaApi(base, { customFetch });
}

/** Opens it; when the forge refuses the assignees, without them. */
async function create(ask: Ask, pull: NewPullRequest, labels: readonly number[]): Promise<Printed> {
  const { head, base, assignees, draft } = pull;
  const text = fitText(draft === true ? { ...pull, title: `${draftPrefix}${pull.title}` } : pull);
  const body = { ...text, head, base, ...(labels.length === 0 ? {} : { labels: [...labels] }) };
  const send = (more: { assignees?: string[] }) =>
    ask(({ api, owner, name }) => api.repos.repoCreatePullRequest(owner, name, { ...body, ...more }));
  if (assignees.length === 0) return send({});
  try {
    return await send({ assignees: [...assignees] });
  } catch (error) {
    if (isAppError(error, 'invalid') || isAppError(error, 'not_found')) return send({});
    throw error;
  }
}

type Between = { readonly head: string; readonly base: string };

/** The open pull request between two branches of the repository, or null. */
async function openOne(read: Ask, { head, base }: Between, toPull: (printed: Printed) => PullRequest) {
  for (let page = 1; page <= mostPages; page += 1) {
    const query = { state: 'open', sort: 'recentupdate', page, limit: onAPage } as const;
    const { data, date } = await read(({ api, owner, name }) => api.repos.repoListPullRequests(owner, name, query));
    const pulls = Array.isArray(data) ? data : [];
    const own = pulls.filter((one) => !isFromFork(one)).map((one) => toPull({ data: one, date }));
    const found = own.find((pull) => pull.head === head && pull.base === base);
    if (found !== undefined) return found;
    if (pulls.length === 0) break;
  }
  return null;
}

/** A fork may have a branch of the same name. */
function isFromFork(data: unknown): boolean {
  return fieldOf(fieldOf(data, 'head'), 'repo_id') !== fieldOf(fieldOf(data, 'base'), 'repo_id');
}

/** The ids of labels, of those that are there. */
async function labelIds(read: Ask, names: readonly string[]): Promise<number[]> {
  const ids = new Map<string, number>();
  const wanted = new Set(names);
  for (let page = 1; ids.size < wanted.size && page <= mostPages; page += 1) {
    const { data } = await read(({ api, owner, name }) =>
      api.repos.issueListLabels(owner, name, { page, limit: onAPage }),
    );
    const labels = Array.isArray(data) ? data : [];
    for (const label of labels) {
      const [id, name] = [fieldOf(label, 'id'), fieldOf(label, 'name')];
      if (typeof id === 'number' && typeof name === 'string' && wanted.has(name)) ids.set(name, id);
    }
    // A forge may have a smaller limit than the one that was asked for.
    if (labels.length === 0) break;
  }
  return [...ids.values()];
}

function orNone(error: unknown): number[] {
  refused(error);
  return [];
}

/** What may be refused without harm; a forge that is gone, or a credential that has ended, is told. */
function refused(error: unknown): void {
  const isRefusal = (['forbidden', 'not_found', 'invalid'] as const).some((code) => isAppError(error, code));
  if (!isRefusal) throw error;
}

function encodePath(branch: string): string {
  return branch.split('/').map(encodeURIComponent).join('/');
}

function printedOf(answer: unknown): Printed {
  const date = answer instanceof Response ? answer.headers.get('date') : null;
  return { data: fieldOf(answer, 'data') ?? null, date };
}

function failureOf(response: Response, secrets: readonly string[]): AppError {
  const header = (name: string) => response.headers.get(name);
  const failure = forgeFailure({ status: response.status, header, body: fieldOf(response, 'error') }, secrets);
  return response.status === 409 ? new AppError('conflict', failure.message) : failure;
}

function pullOf({ data, date }: Printed, fallbackUrl: (number: number) => string): PullRequest {
  const head = fieldOf(data, 'head');
  const base = fieldOf(data, 'base');
  const merged = fieldOf(data, 'merged') === true;
  const ref = fieldOf(head, 'ref');
  // When the branch is gone, `ref` names the forge's own copy; `label` is always the branch.
  const gone = typeof ref === 'string' && ref.startsWith('refs/pull/');
  const printed = {
    number: fieldOf(data, 'number'),
    url: fieldOf(data, 'html_url'),
    title: fieldOf(data, 'title'),
    state: merged ? 'merged' : fieldOf(data, 'state'),
    head: fieldOf(head, 'label') || ref,
    headSha: gone ? null : fieldOf(head, 'sha'),
    base: fieldOf(base, 'label') || fieldOf(base, 'ref'),
    mergeCommit: merged ? fieldOf(data, 'merge_commit_sha') : null,
    mergeable: fieldOf(data, 'mergeable') === false && isFresh(data, date) ? null : fieldOf(data, 'mergeable'),
    comments: Number(fieldOf(data, 'comments') ?? 0) + Number(fieldOf(data, 'review_comments') ?? 0),
  };
  return readPull(printed, fallbackUrl);
}

/** Whether it changed within the last minute, by the forge's own clock. */
function isFresh(data: unknown, date: string | null): boolean {
  const updated = Date.parse(String(fieldOf(data, 'updated_at')));
  return Date.parse(date ?? '') - updated < 60_000;
}
