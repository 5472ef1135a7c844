import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { AppError } from '../../floor/app-error.ts';

/** One request to a gateway. `body` is sent as JSON; an answer of more than `maxBytes` is refused. */
export type GatewayCall = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
};

export type GatewayAnswer = { readonly status: number; readonly retryAfter: string | undefined; readonly text: string };

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'has a name that nobody knows',
  EAI_AGAIN: 'has a name that cannot be looked up now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'cannot be reached',
};
const longestTimerMs = 2 ** 31 - 1;
const keptAliveMs = 30_000;

/**
 * Sends one request over a connection of its own and waits for the whole answer, whatever its status; redirections are not
 * followed, so the header goes nowhere else. AppError: `timeout`, `unavailable`, `invalid` (an answer that is too large).
 * The global fetch gives up after 300 s without headers, and a turn is silent for longer than that.
 */
export function callGateway(call: GatewayCall): Promise<GatewayAnswer> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(givenUp());
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const outgoing = begin(call, body);
    const end = (finish: () => void): void => {
      clearTimeout(deadline);
      call.signal?.removeEventListener('abort', abort);
      finish();
      outgoing.destroy();
    };
    const fail = (error: AppError): void => end(() => reject(error));
    const abort = (): void => fail(givenUp());
    const deadline = setTimeout(() => fail(tooLate(call)), Math.min(call.timeoutMs, longestTimerMs));
    call.signal?.addEventListener('abort', abort, { once: true });
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, keptAliveMs));
    // What the error of a socket or of the HTTP parser carries could repeat what was sent: only its code is passed on.
    outgoing.on('error', (error: NodeJS.ErrnoException) => fail(broken(call.url, error.code)));
    outgoing.on('response', (incoming) => {
      collect(incoming, call).then((answer) => end(() => resolve(answer)), fail);
    });
    outgoing.end(body);
  });
}

function begin({ method, url, headers }: GatewayCall, body: Buffer | undefined): ClientRequest {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const described = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  return send(url, { method, agent: false, headers: { accept: 'application/json', ...headers, ...described } });
}

function collect(incoming: IncomingMessage, { url, maxBytes }: GatewayCall): Promise<GatewayAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      reject(new AppError('invalid', `The agent gateway at ${url.host} answers with more than ${maxBytes} bytes.`));
    });
    incoming.on('error', (error: NodeJS.ErrnoException) => reject(broken(url, error.code)));
    incoming.on('end', () =>
      resolve({
        status: incoming.statusCode ?? 0,
        retryAfter: incoming.headers['retry-after'],
        text: Buffer.concat(chunks).toString(),
      }),
    );
  });
}

function broken({ host }: URL, code: string | undefined): AppError {
  const reason = reasons[code ?? ''];
  const words =
    reason ?? `cut the connection (${code ?? 'no code'}); whether it did what it was asked for is not known`;
  return new AppError('unavailable', `The agent gateway at ${host} ${words}.`, { name: 'agent_unavailable' });
}

function tooLate({ url, timeoutMs }: GatewayCall): AppError {
  const words = `did not answer within ${timeoutMs / 1000} s; whether it did what it was asked for is not known`;
  return new AppError('timeout', `The agent gateway at ${url.host} ${words}.`, { name: 'agent_timeout' });
}

/** The error of a call that its caller no longer waits for. */
export function givenUp(): AppError {
  return new AppError('unavailable', 'The question to the agent was given up.', { name: 'agent_aborted' });
}
