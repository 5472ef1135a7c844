import type { IncomingMessage, ServerResponse } from 'node:http';
import { startResidently } from '../../services/io/programs/resident-starter.ts';
import { gitProgram } from './git-repository.ts';

type Service = {
  /** Who the client is, as the web server says it; one with a name may push. */
  readonly user?: string;
  /** Asked when the work is done, and then the answer is not given; without, it is given as it comes. */
  readonly isLost?: (() => boolean) | undefined;
};

/** Hands a request to git's own smart HTTP program. */
export async function serveGit(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  { user, isLost }: Service = {},
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: '/nonexistent',
    ...(user ? { REMOTE_USER: user } : {}),
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  };
  const [command, args] = gitProgram('http-backend');
  const { stdin, stdout, stderr } = await startResidently({ command, args, cwd: '/', env, hasInput: true });
  stderr.resume();
  if (stdin === null) throw new Error('git has no input.');
  stdin.on('error', () => {});
  request.pipe(stdin);
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    stdout.off('data', onHead);
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1];
    response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
    if (!isLost) stdout.pipe(response);
  };
  if (!isLost) return void stdout.on('data', onHead);
  const whole: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => whole.push(chunk));
  stdout.on('close', () => {
    if (isLost()) return cutAnswer(response);
    onHead(Buffer.concat(whole));
    response.end();
  });
}

/** Breaks the connection in the middle of an answer: curl would ask again by itself if there were none at all. */
export function cutAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result', 'content-length': '1000' });
  response.write('0', () => response.destroy());
}
