import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd, gitProgram } from './git-repository.ts';
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
  /** Serves LFS objects too. */
  lfs?: LfsMode;
};

/** One request as the server met it. */
export type GitHttpRequest = { url: string; authorization: string | undefined };

/** Serves the repositories below a folder by git's own smart HTTP program, until the test ends. */
export async function startGitHttpServer(context: TestContext, root: string, mode: GitHttpMode = {}) {
  const requests: GitHttpRequest[] = [];
  const server = createServer((request, response) => {
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
    serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, mode };
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: '/nonexistent',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  };
  const child = spawn(...gitProgram('http-backend'), { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', onHead);
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1];
    response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', onHead);
}
