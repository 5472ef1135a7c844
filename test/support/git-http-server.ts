import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { serveGit } from './forge-git-http.ts';
import { atEnd } from './git-repository.ts';
import { type LfsMode, serveLfs } from './lfs-routes.ts';

/**
 * What the server asks for; it can be changed while it runs. `hang` takes requests and never answers; `onRequest` is called
 * while the client waits. `redirect` sends every request to another address.
 */
export type GitHttpMode = {
  credential?: { username: string; password: string };
  hang?: boolean;
  redirect?: string;
  /** This many requests are answered with this status before one is served. */
  failing?: { times: number; status: number };
  /** Whatever lies below the first path leads to the second on the same origin. */
  moved?: [from: string, to: string];
  onRequest?: () => void;
  /** Speaks https by these, as PEM. */
  tls?: { key: string; cert: string };
  /** Serves LFS objects too. */
  lfs?: LfsMode;
};

/** One request as the server met it. */
export type GitHttpRequest = { url: string; authorization: string | undefined };

/** Serves the repositories below a folder by git's own smart HTTP program, until the test ends. */
export async function startGitHttpServer(context: TestContext, root: string, mode: GitHttpMode = {}) {
  const requests: GitHttpRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { authorization } = request.headers;
    requests.push({ url: request.url ?? '', authorization });
    mode.onRequest?.();
    if (mode.hang) return;
    if (mode.failing !== undefined && mode.failing.times > 0) {
      mode.failing.times -= 1;
      response.writeHead(mode.failing.status).end('Try again later\n');
      return;
    }
    const [from, to] = mode.moved ?? [];
    if (from !== undefined && to !== undefined && request.url?.startsWith(`${from}/`)) {
      response.writeHead(301, { Location: `${to}${request.url.slice(from.length)}` }).end();
      return;
    }
    if (mode.redirect !== undefined) {
      response.writeHead(302, { Location: `${mode.redirect}${request.url}` }).end();
      return;
    }
    if (mode.credential !== undefined && authorization !== basic(mode.credential)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
      return;
    }
    if (mode.lfs && serveLfs(root, request, response, mode.lfs)) return;
    void serveGit(root, request, response);
  };
  const server = mode.tls ? createTlsServer(mode.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `${mode.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mode,
  };
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
