import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { giteaPrinter } from './forge-answers.ts';
import type { ForgeReply } from './forge-call.ts';
import { type Operation, readDescription } from './forge-description.ts';
import { cutAnswer, serveGit } from './forge-git-http.ts';
import { giteaRoutes, githubRoutes } from './forge-routes.ts';
import { forgeState, type StoredPull } from './forge-state.ts';
import { signedWebhook, webhookPayload } from './forge-webhooks.ts';
import { atEnd } from './git-repository.ts';
import { gitlabRoutes } from './gitlab-routes.ts';
import type { Json } from './http.ts';
import { whileMoving } from './until.ts';

export type ForgeServerOptions = {
  /** What API calls and git must show; git as the password of any user. */
  readonly token: string;
  /** A folder of bare repositories, `<owner>/<name>.git`. */
  readonly repositories?: string;
  readonly labels?: readonly string[];
  readonly users?: readonly string[];
  /** Told of every call, by its key in `calls`, before its work and after it. `cut` breaks the connection there. */
  readonly onCall?: OnCall;
};

export type OnCall = (key: string, phase: 'before' | 'after') => 'cut' | undefined;

/**
 * How a call goes wrong. `status`: it is refused; `hang`: it is never answered; `cut`: the connection breaks before the work,
 * or after it, when the work is done and the answer lost.
 */
export type ForgeFailure = {
  /**
   * Part of a key of `calls`, such as `POST /repos/{owner}/{repo}/pulls` or `git POST git-receive-pack`; any call
   * without it.
   */
  readonly route?: string;
  readonly times?: number;
  readonly status?: number;
  readonly retryAfterSecs?: number;
  readonly message?: string;
  readonly headers?: Record<string, string>;
  readonly hang?: boolean;
  readonly cut?: 'before' | 'after';
};

export type ForgeServer = Awaited<ReturnType<typeof startForgeServer>>;

const kinds = { v1: 'gitea', v3: 'github', v4: 'gitlab' } as const;
type Kind = (typeof kinds)[keyof typeof kinds];
const descriptions = {
  gitea: readDescription('gitea'),
  github: readDescription('github'),
  gitlab: readDescription('gitlab'),
};

/**
 * Stands for a whole forge: Gitea's API below `/api/v1`, GitHub's below `/api/v3`, GitLab's below `/api/v4`, and git over HTTP at `/owner/name.git`,
 * all with one state. Every request and every answer is held to the published description; what is not as described is
 * kept in `faults`, and `stop` fails then. `calls` counts by `gitea|github|gitlab METHOD /path/{template}` and
 * `git METHOD <service>`: GET asks which branches there are, `git POST git-receive-pack` is a push.
 */
export async function startForgeServer(context: TestContext | null, options: ForgeServerOptions) {
  const { token, repositories, users = ['ann', 'bob'] } = options;
  const state = forgeState(repositories, options.labels ?? []);
  const calls: Record<string, number> = {};
  const faults: string[] = [];
  const failures: (ForgeFailure & { left: number })[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      faults.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const routes = {
    gitea: giteaRoutes(state, url, users),
    github: githubRoutes(state, url, users),
    gitlab: gitlabRoutes(state, url, users),
  };

  const fail = (key: string): ForgeFailure | undefined => {
    calls[key] = (calls[key] ?? 0) + 1;
    const failure = failures.find((one) => one.left > 0 && key.includes(one.route ?? ''));
    if (failure !== undefined) failure.left -= 1;
    return failure;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (/^\/[^/]+\/[^/]+\.git\//.test(pathname)) return handleGit(request, response);
    const [, version = '', path = ''] = /^\/api\/(v1|v3|v4)(\/.*)$/.exec(pathname) ?? [];
    const forge = kinds[version as keyof typeof kinds];
    const operation = forge && descriptions[forge].operation(request.method ?? 'GET', path);
    const text = await readAll(request);
    if (forge === undefined || !operation) {
      faults.push(`${request.method} ${pathname} is not described`);
      return answer(response, { status: 404, body: { message: 'Not Found' } });
    }
    const key = `${forge} ${operation.route}`;
    const failure = fail(key);
    if (failure?.hang) return;
    if (failure?.cut === 'before' || options.onCall?.(key, 'before')) return void request.socket.destroy();
    if (failure?.status !== undefined) return answer(response, refusal(failure), failure);
    const reply = work(forge, operation, searchParams, text, request.headers);
    if (failure?.cut === 'after' || options.onCall?.(key, 'after')) return void request.socket.destroy();
    answer(response, reply);
  }

  function handleGit(request: IncomingMessage, response: ServerResponse): void {
    const service = /git-(upload|receive)-pack/.exec(request.url ?? '')?.[0] ?? 'other';
    const key = `git ${request.method} ${service}`;
    const failure = fail(key);
    if (failure?.hang) return;
    if (failure?.cut === 'before' || options.onCall?.(key, 'before')) return void cutAnswer(response);
    if (failure?.status !== undefined) return void response.writeHead(failure.status).end();
    if (repositories === undefined || !isShown(request.headers.authorization))
      return void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' }).end();
    const isLost = () => failure?.cut === 'after' || options.onCall?.(key, 'after') === 'cut';
    const lost = failure?.cut === 'after' || options.onCall ? isLost : undefined;
    void serveGit(repositories, request, response, { user: 'crafting-table', isLost: lost });
  }

  function work(
    forge: Kind,
    operation: Operation,
    query: URLSearchParams,
    text: string,
    { authorization, 'if-none-match': etag }: IncomingHttpHeaders,
  ): ForgeReply {
    if (!isShown(authorization)) return { status: 401, body: { message: 'Bad credentials' } };
    const { route, params } = operation;
    const described = descriptions[forge];
    const check = (fault: string | null, what: string): void => {
      if (fault !== null) faults.push(`${what} of ${forge} ${route}: ${fault}`);
    };
    const body: Json = text === '' ? undefined : JSON.parse(text);
    check(described.requestFault(operation, body), 'request');
    const isOfOne = / \/(repos|projects)\//.test(route);
    const inPath = forge === 'gitlab' ? (params[0] ?? '') : params.slice(0, 2).join('/');
    const repository = isOfOne ? inPath : '';
    const sample = (status: number): Json => described.sample(operation, status);
    const reply =
      repository === '' || state.hasRepository(repository)
        ? routes[forge][route]?.({ repository, params, query, body, sample, etag })
        : { status: 404, body: { message: 'Not Found' } };
    if (reply === undefined) throw new Error(`${route} is described and not served`);
    check(described.answerFault(operation, reply.status, reply.body), `answer ${reply.status}`);
    return reply;
  }

  function isShown(authorization = ''): boolean {
    const [scheme = '', value = ''] = authorization.split(' ');
    const basic = Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
    return (scheme.toLowerCase() === 'basic' ? basic : value) === token;
  }

  const pullOf = (number: number, repository?: string): StoredPull => {
    const found = state.pulls.find(
      (pull) => pull.number === number && [undefined, pull.repository].includes(repository),
    );
    if (found === undefined) throw new Error(`there is no pull request ${number}`);
    return found;
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (faults.length > 0) throw new Error(`not as the forge describes it:\n${faults.join('\n')}`);
  };
  if (context !== null) atEnd(context, stop);

  return {
    url,
    calls,
    faults,
    pulls: state.pulls,
    statuses: state.statuses,
    labels: state.labels,
    stop,
    /** What a person does. */
    merge: (number: number, repository?: string) => state.merge(pullOf(number, repository)),
    close: (number: number, repository?: string) => state.change(pullOf(number, repository), { state: 'closed' }),
    reopen: (number: number, repository?: string) => state.change(pullOf(number, repository), { state: 'open' }),
    comment: (number: number, words = 'no, thanks', repository?: string, author = 'ann') => {
      const pull = pullOf(number, repository);
      state.talk.say({ repository: pull.repository, place: 'pull', number, author, body: words });
      return state.change(pull, { comments: [...pull.comments, words] });
    },
    /** Issues, comments and reviews, and what people do there. */
    talk: state.talk,
    openIssue: (repository: string, facts: { title: string; body?: string; author?: string }) =>
      state.talk.open(state.nextNumber(repository, 'issue'), { repository, body: '', author: 'ann', ...facts }),
    /** From now on, a pull request that is over shows the tip of its branch as well, as Gitea does. */
    followBranches: () => state.followBranches(),
    /** From now on, issues and merge requests are counted apart, as GitLab does. */
    numberApart: () => state.numberApart(),
    /** From now on, this one is said not to be mergeable, whatever git says: the forge is still looking. */
    doubt: (number: number, repository?: string) => state.doubt(pullOf(number, repository)),
    /** Tells `target`, signed, of a push to any branch. */
    pushed: async (target: string, secret: string, repository: string, branch: string): Promise<number> => {
      const payload = {
        ref: `refs/heads/${branch}`,
        after: state.tip(repository, branch),
        repository: { full_name: repository },
      };
      const { headers, body } = await signedWebhook({ forge: 'gitea', secret, event: 'push', payload });
      const asked = { method: 'POST', headers, body: body.toString() };
      return (await whileMoving((signal) => fetch(target, { ...asked, signal }))).status;
    },
    /** How many calls are still going to fail. */
    failing: () => failures.reduce((sum, { left }) => sum + left, 0),
    /** Nothing goes wrong any more. */
    calm: () => void failures.splice(0),
    failNext: (failure: ForgeFailure) => void failures.push({ ...failure, left: failure.times ?? 1 }),
    /** Tells `target` of a pull request with a signature, and gives the status of the answer. */
    webhook: async (target: string, facts: WebhookOrder): Promise<number> => {
      const { forge, secret, event, action = null, number, repository } = facts;
      const pull = pullOf(number, repository);
      const payload = webhookPayload(event, action, pull, url, giteaPrinter(state, url)(pull));
      const delivery = facts.delivery === undefined ? {} : { delivery: facts.delivery };
      const { headers, body } = await signedWebhook({ forge, secret, event, payload, ...delivery });
      const text = body.toString();
      const asked = { method: 'POST', headers, body: text };
      return (await whileMoving((signal) => fetch(target, { ...asked, signal }))).status;
    },
  };
}

export type WebhookOrder = {
  readonly forge: 'gitea' | 'github';
  readonly secret: string;
  readonly event: string;
  readonly action?: string;
  readonly number: number;
  readonly repository?: string;
  readonly delivery?: string;
};

function refusal({ status = 500, message = 'refused by the test' }: ForgeFailure): ForgeReply {
  return { status, body: { message } };
}

function answer(response: ServerResponse, { status, body, headers }: ForgeReply, failure: ForgeFailure = {}): void {
  const wait = failure.retryAfterSecs === undefined ? {} : { 'retry-after': String(failure.retryAfterSecs) };
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...wait,
    ...headers,
    ...failure.headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
