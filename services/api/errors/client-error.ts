import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../../floor/app-error.ts';
import { problemOf } from './problem.ts';

/** Answers what is not a request at all, or one that did not arrive in time: there is no route and no reply for it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy(error);
    return;
  }
  const problem = problemOf(failureOf(error.code), '');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // The rest of what the client sends is of no interest: a socket that is only half closed would wait for it.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function failureOf(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AppError('too_large', 'The header of the request is larger than 16 KiB.', { name: 'header_too_large' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new AppError('timeout', 'The request did not arrive whole in time.', { name: 'request_timeout' });
  return new AppError('invalid', 'This is not an HTTP request.');
}
