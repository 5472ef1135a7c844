import type { Api } from 'gitea-js';
import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Forge, NewPullRequest, PullRequest } from './forge.ts';
import { forgeFailure } from './forge-failure.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf, fitBody, fitText, readPull } from './read-pull.ts';

export type GiteaOptions = {
  /** Where the forge is installed, such as `https://git.example.org/forge`; the API is below it. */
  readonly url: string;
  readonly token: string;
  /** `owner/name` */
  readonly repository: string;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
};

type Printed = { readonly data: unknown; readonly date: string | null };
type Client = { readonly api: Api<unknown>; readonly owner: string; readonly name: string };

const labelsOnAPage = 50;
const mostLabelPages = 10;

/**
 * A repository on Gitea or Forgejo. Labels are those of the repository by their names; one that is not there is left out,
 * and assignees that the forge refuses are too: neither is a reason to have no pull request.
 *
 * `findPull` asks by base and head, which answers the oldest when a branch had several; `openPull` therefore follows the
 * number in the 409. `mergeable` is also false while Gitea is still looking, so within a minute of a change it means null.
 */
export function openGiteaForge(options: GiteaOptions): Forge {
  const base = options.url.replace(/\/+$/, '');
  const [owner = '', name = ''] = options.repository.split('/').map(encodeURIComponent);
  let made: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    made ??= makeClient(options, base).then((api) => ({ api, owner, name }));
    return made;
  };
  const ask = async (call: (client: Client) => Promise<unknown>): Promise<Printed> => {
    const at = await client();
    try {
      return printedOf(await call(at));
    } catch (error) {
      throw error instanceof Response ? failureOf(error, options.token) : error;
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
    findPull: (head, into) =>
      read(({ api }) =>
        // The head is the rest of the path there: its slashes stay, since proxies stumble over %2F.
        api.repos.repoGetPullRequestByBaseHead(owner, name, encodeURIComponent(into), encodePath(head)),
      ).then(toPull, orNull),
    readPull: (number) => read(({ api }) => api.repos.repoGetPullRequest(owner, name, number)).then(toPull, orNull),
    openPull: async (pull) => {
      const labels = await labelIds(read, pull.labels);
      try {
        return toPull(await create(ask, pull, labels));
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
        return existing(forge, pull, error);
      }
    },
    updatePull: async (number, text) =>
      toPull(await ask(({ api }) => api.repos.repoEditPullRequest(owner, name, number, fitText(text)))),
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

async function makeClient(options: GiteaOptions, base: string): Promise<Api<unknown>> {
  const { giteaApi } = await import('gitea-js');
  const customFetch = guardedFetch({
    origin: new URL(base).origin,
    authorization: `token ${options.token}`,
    fetch: options.fetch,
    timeoutMs: options.timeoutMs,
  });
  return giteaApi(base, { customFetch });
}

/** Opens it; when the forge refuses the assignees, without them. */
async function create(ask: Ask, pull: NewPullRequest, labels: readonly number[]): Promise<Printed> {
  const { head, base, assignees } = pull;
  const body = { ...fitText(pull), head, base, ...(labels.length === 0 ? {} : { labels: [...labels] }) };
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

/** The open pull request that stands in the way of a new one: its number is in the words of the 409. */
async function existing(forge: Forge, { head, base }: NewPullRequest, conflict: AppError): Promise<PullRequest> {
  const number = /\bissue_id: (\d{1,9})\b/.exec(conflict.message)?.[1];
  const named = number === undefined ? null : await forge.readPull(Number(number));
  if (named?.head === head && named.base === base) return named;
  const found = await forge.findPull(head, base);
  if (found !== null) return found;
  throw new AppError('unavailable', conflict.message, { cause: conflict });
}

/** The ids of labels, of those that are there. */
async function labelIds(read: Ask, names: readonly string[]): Promise<number[]> {
  const ids = new Map<string, number>();
  const wanted = new Set(names);
  for (let page = 1; ids.size < wanted.size && page <= mostLabelPages; page += 1) {
    const { data } = await read(({ api, owner, name }) =>
      api.repos.issueListLabels(owner, name, { page, limit: labelsOnAPage }),
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

function encodePath(branch: string): string {
  return branch.split('/').map(encodeURIComponent).join('/');
}

function printedOf(answer: unknown): Printed {
  const date = answer instanceof Response ? answer.headers.get('date') : null;
  return { data: fieldOf(answer, 'data') ?? null, date };
}

function failureOf(response: Response, token: string): AppError {
  const header = (name: string) => response.headers.get(name);
  const failure = forgeFailure({ status: response.status, header, body: fieldOf(response, 'error') }, token);
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
