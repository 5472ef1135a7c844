import type { Octokit } from '@octokit/rest';
import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Forge, NewPullRequest, PullRequest } from './forge.ts';
import { sourceOf, type TokenSource } from './forge-credential.ts';
import { forgeFailure } from './forge-failure.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf, fitBody, fitText, marksOf, readPull, reviewersOf } from './read-pull.ts';

type GithubOptions = {
  /** The address of its API, such as `https://api.github.com`, or that under which people see it. */
  readonly url: string;
  /** A token, or where one comes from. */
  readonly token: string | TokenSource;
  /** `owner/name` */
  readonly repository: string;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
  /** Whether writes keep the distance that GitHub asks for: 1 s, and 3 s where people are told. */
  readonly pace?: boolean | undefined;
};

/** Longer than this nobody waits inside of a call: the caller is told when to come back. */
const longestWaitSecs = 5;

/**
 * A repository on GitHub or GitHub Enterprise. Labels and assignees are set after a pull request was opened or found
 * there; what becomes of them is no reason to have no pull request. `findPull` reads a list, which tells neither comments
 * nor mergeability, and the tip of a branch is told even when the branch is gone.
 * Long: one answer for each question of the interface, in the words of one forge.
 */
export function openGithubForge(options: GithubOptions): Forge {
  const token = sourceOf(options.token);
  const api = githubApi(options.url);
  const web = `${api.origin.replace('://api.', '://')}${api.pathname.replace(/\/(api\/v3\/?)?$/, '')}`;
  const [owner = '', repo = ''] = options.repository.split('/');
  const here = { owner, repo };
  let made: Promise<Octokit> | undefined;
  const ask = async (call: (client: Octokit) => Promise<{ data: unknown }>): Promise<unknown> => {
    made ??= makeClient({ ...options, token }, api);
    const client = await made;
    try {
      return (await call(client)).data;
    } catch (error) {
      throw failureOf(error, token.given());
    }
  };
  const toPull = (data: unknown): PullRequest =>
    pullOf(data, (number) => `${web}/${options.repository}/pull/${number}`);
  const mark = async (number: number, { labels, assignees, reviewers = [] }: NewPullRequest): Promise<void> => {
    const issue = { ...here, issue_number: number };
    if (labels.length > 0)
      await ask(({ issues }) => issues.addLabels({ ...issue, labels: [...labels] })).catch(expected);
    if (assignees.length > 0)
      await ask(({ issues }) => issues.addAssignees({ ...issue, assignees: [...assignees] })).catch(expected);
    // One that may not be asked costs the others nothing: GitHub refuses them together.
    for (const reviewer of reviewers)
      await ask(({ pulls }) =>
        pulls.requestReviewers({ ...here, pull_number: number, ...reviewersOf([reviewer]) }),
      ).catch(expected);
  };
  const create = (body: { head: string; base: string; title: string; body: string; draft?: boolean }) =>
    ask(({ pulls }) => pulls.create({ ...here, ...body }));

  const forge: Forge = {
    kind: 'github',
    repository: options.repository,
    findPull: async (head, base) => {
      const query = { ...here, head: `${owner}:${head}`, base, state: 'all', per_page: 1 } as const;
      const [newest] = listOf(await ask(({ pulls }) => pulls.list(query))).map(toPull);
      // A filter that GitHub cannot read is ignored by it.
      return newest?.head === head && newest.base === base ? newest : null;
    },
    readPull: async (number) => {
      try {
        return toPull(await ask(({ pulls }) => pulls.get({ ...here, pull_number: number })));
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
    openPull: async (pull) => {
      const { head, base, draft } = pull;
      const body = { ...fitText(pull), head, base };
      const asDraft =
        draft === true ? create({ ...body, draft }).catch(withoutDrafts(() => create(body))) : create(body);
      const opened = await asDraft.then(toPull, async (error: unknown) => {
        const exists = isAppError(error, 'invalid') && /pull request already exists/i.test(error.message);
        const found = exists ? await forge.findPull(head, base) : null;
        if (found === null)
          throw isNotSeenYet(error) ? new AppError('unavailable', error.message, { cause: error }) : error;
        return found;
      });
      await mark(opened.number, pull);
      return opened;
    },
    updatePull: async (number, text) =>
      toPull(await ask(({ pulls }) => pulls.update({ ...here, pull_number: number, ...fitText(text) }))),
    closePull: async (number) =>
      toPull(await ask(({ pulls }) => pulls.update({ ...here, pull_number: number, state: 'closed' }))),
    recentPulls: async (etag) => {
      made ??= makeClient({ ...options, token }, api);
      const { pulls } = await made;
      const query = { ...here, state: 'all', sort: 'updated', direction: 'desc', per_page: 100 } as const;
      try {
        const headers = etag === null ? {} : { 'if-none-match': etag };
        const answer = await pulls.list({ ...query, headers });
        return { etag: answer.headers.etag ?? null, ...marksOf(answer.data) };
      } catch (error) {
        if (fieldOf(error, 'status') === 304) return null;
        throw failureOf(error, token.given());
      }
    },
    comment: async (number, body) => {
      const comment = { ...here, issue_number: number, body: fitBody(body) };
      await ask(({ issues }) => issues.createComment(comment));
    },
    setStatus: async ({ url, ...status }) => {
      const body = { ...here, ...status, ...(url === null ? {} : { target_url: url }) };
      try {
        await ask(({ repos }) => repos.createCommitStatus(body));
      } catch (error) {
        const unknown = isAppError(error, 'invalid') && /no commit found/i.test(error.message);
        throw unknown ? new AppError('not_found', error.message, { cause: error }) : error;
      }
    },
  };
  return forge;
}

/** The address of the API: a host of its own, or below `/api/v3` of an installation. */
export function githubApi(url: string): URL {
  const at = new URL(url);
  if (['github.com', 'www.github.com'].includes(at.host)) return new URL('https://api.github.com');
  if (at.host.startsWith('api.')) return at;
  const path = at.pathname.replace(/\/+$/, '');
  return new URL(path.endsWith('/api/v3') ? path : `${path}/api/v3`, at);
}

async function makeClient(options: GithubOptions & { readonly token: TokenSource }, api: URL): Promise<Octokit> {
  const [{ Octokit: Client }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const waits = (secs: number, _options: unknown, _client: unknown, retries: number): boolean =>
    secs <= longestWaitSecs && retries === 0;
  const guarded = guardedFetch({
    origin: api.origin,
    authorization: async () => `Bearer ${await options.token.get()}`,
    onRefused: options.token.forget,
    fetch: options.fetch,
    timeoutMs: options.timeoutMs,
  });
  const silent = () => {};
  const client = new (Client.plugin(retry, throttling))({
    baseUrl: api.href.replace(/\/+$/, ''),
    userAgent: 'crafting-table',
    request: { fetch: guarded },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    // A limit is the throttle's to obey; a retry would come too early.
    retry: { retries: 1, retryAfterBaseValue: 250, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
    throttle: { enabled: options.pace ?? true, id: api.host, onRateLimit: waits, onSecondaryRateLimit: waits },
  });
  // The plugins count in an object that all requests share: without a copy, every failure makes later waits longer.
  client.hook.before('request', (request) => {
    const isRead = request.method === 'GET';
    // Whether a write that failed was done is not known, so its caller looks first.
    request.request = { ...request.request, retryCount: 0, ...(isRead ? {} : { retries: 0 }) };
  });
  return client;
}

type RequestFailure = Error & { status?: unknown; response?: { headers: Record<string, unknown>; data: unknown } };

function failureOf(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  if (isAppError(error.cause)) return error.cause;
  const { status, response } = error as RequestFailure;
  if (typeof status !== 'number') return error;
  const header = (name: string): string | null => {
    const value = response?.headers[name];
    return value === undefined ? null : String(value);
  };
  const failure = forgeFailure({ status, header, body: response?.data }, secrets);
  // Too much at once is told without any header at times.
  const secondary = status === 403 && /secondary rate limit/i.test(failure.message);
  return secondary && failure.code === 'forbidden'
    ? new AppError('rate_limited', failure.message, { retryAfterSecs: 60 })
    : failure;
}

/**
 * What GitHub says of a branch that was pushed a moment ago: the server that answers may lag behind the one that took the push.
 * mislav/hub tries again for the same words (`commands/pull_request.go`, `pullRequest`: "Validation Failed" on `head`).
 */
function isNotSeenYet(error: unknown): error is AppError {
  return isAppError(error, 'invalid') && /\bhead invalid\b|\bNo commits between\b/i.test(error.message);
}

/** Private repositories of some plans know no drafts: it is opened as one to be merged. */
function withoutDrafts<T>(retry: () => Promise<T>): (error: unknown) => Promise<T> {
  return async (error) => {
    if (isAppError(error, 'invalid') && /draft pull requests are not supported/i.test(error.message)) return retry();
    throw error;
  };
}

function expected(error: unknown): void {
  if (!isAppError(error)) throw error;
}

function listOf(data: unknown): unknown[] {
  return Array.isArray(data) ? data.slice(0, 1) : [];
}

function pullOf(data: unknown, fallbackUrl: (number: number) => string): PullRequest {
  const head = fieldOf(data, 'head');
  const merged = typeof fieldOf(data, 'merged_at') === 'string';
  const printed = {
    number: fieldOf(data, 'number'),
    url: fieldOf(data, 'html_url'),
    title: fieldOf(data, 'title'),
    state: merged ? 'merged' : fieldOf(data, 'state'),
    head: fieldOf(head, 'ref'),
    headSha: fieldOf(head, 'sha'),
    base: fieldOf(fieldOf(data, 'base'), 'ref'),
    // Before it is merged, this is a merge that GitHub only tried.
    mergeCommit: merged ? fieldOf(data, 'merge_commit_sha') : null,
    mergeable: fieldOf(data, 'mergeable'),
    comments: Number(fieldOf(data, 'comments') ?? 0) + Number(fieldOf(data, 'review_comments') ?? 0),
  };
  return readPull(printed, fallbackUrl);
}
