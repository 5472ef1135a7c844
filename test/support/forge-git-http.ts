import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gitProgram } from './git-repository.ts';

/**
 * Hands a request to git's own smart HTTP program, as a user who may push. `isLost` is asked when the work is done, and
 * then the answer is not given; with null it is given as it comes.
 */
export function serveGit(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  isLost: (() => boolean) | null,
): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: '/nonexistent',
    REMOTE_USER: 'crafting-table',
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
    if (isLost === null) child.stdout.pipe(response);
  };
  const whole: Buffer[] = [];
  if (isLost !== null) {
    child.stdout.on('data', (chunk: Buffer) => whole.push(chunk));
    child.on('close', () => {
      if (isLost()) return cutAnswer(response);
      onHead(Buffer.concat(whole));
      response.end();
    });
    return;
  }
  child.stdout.on('data', onHead);
}

/** Breaks the connection in the middle of an answer: curl would ask again by itself if there were none at all. */
export function cutAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result', 'content-length': '1000' });
  response.write('0', () => response.destroy());
}
