import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { isAppError, messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import { type Calls, forwardCall, problemOf } from './forward-call.ts';
import type { Provider } from './providers/provider-file.ts';
import type { PlaneProblem } from './wire/define.ts';
import { formatOf, wireFormats } from './wire/registry.ts';

type GatewayOptions = {
  /** Where it listens: a path of a Unix socket. */
  readonly socket: string;
  readonly providers: readonly Provider[];
  readonly calls: Calls;
  /** The socket of the proxy for other hosts; null where none is on the list. */
  readonly proxy: string | null;
  /** Why the bottle may ask for nothing more, or null. */
  readonly cut: () => string | null;
  /** Told of every request: where it went, and whether it was let through. */
  readonly onRequest: (host: string, passed: boolean) => void;
  readonly logger: Log;
};

const mostConnections = 2_048;
const mostCalls = 256;

/** The one way out of a bottle: its providers under their names, and a proxy for the hosts of its list. */
export async function openGateway(options: GatewayOptions): Promise<{ close(): Promise<void> }> {
  const open = new Set<Duplex>();
  const held = <S extends Duplex>(stream: S): S => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    stream.on('error', () => stream.destroy());
    return stream;
  };
  let calls = 0;
  const serve = async (incoming: IncomingMessage, answer: ServerResponse) => {
    if (/^http:\/\//i.test(incoming.url ?? '')) return proxied(options, incoming, answer);
    calls += 1;
    try {
      await toProvider(options, incoming, answer, calls > mostCalls);
    } finally {
      calls -= 1;
    }
  };
  const server = createServer(
    { requestTimeout: 180_000, headersTimeout: 60_000, keepAliveTimeout: 300_000 },
    (incoming, answer) => {
      answer.on('error', () => answer.destroy());
      void serve(incoming, answer).catch(() => answer.destroy());
    },
  );
  server.maxConnections = mostConnections;
  server.on('connection', held);
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_incoming, socket) =>
    socket.end('HTTP/1.1 501 Not Implemented\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
  );
  server.on('connect', (incoming, caller, head) => tunnel(options, incoming, { caller: held(caller), head, held }));
  server.listen({ path: options.socket, backlog: mostConnections });
  await once(server, 'listening');
  // The user of a sandbox may be another than ours; whoever reaches the folder may ask.
  await chmod(options.socket, 0o666);
  return {
    close: async () => {
      server.close();
      for (const stream of open) stream.destroy();
      await once(server, 'close');
    },
  };
}

async function toProvider(
  { providers, calls, cut, onRequest, logger }: GatewayOptions,
  incoming: IncomingMessage,
  answer: ServerResponse,
  tooMany: boolean,
): Promise<void> {
  const [, name = '', rest = ''] = /^\/([a-z0-9-]{1,32})(\/[^#]*)$/.exec(incoming.url ?? '') ?? [];
  const provider = providers.find((one) => one.name === name);
  if (!provider) return unknownPlace(answer, providers);
  const host = new URL(provider.url).host;
  const shape = wireFormats[provider.kind][0];
  const refuse = (problem: PlaneProblem) => {
    onRequest(host, false);
    refused(incoming, answer, shape.problem(problem), problem);
  };
  const url = new URL(`http://plane${rest}`);
  const format = formatOf(provider.kind, incoming.method ?? '', url.pathname);
  if (!format) {
    const message = `${incoming.method} ${url.pathname.slice(0, 200)} is not among what the farm lets through to ${name}.`;
    return refuse({ kind: 'not_found', message });
  }
  const why = cut();
  if (why !== null) return refuse({ kind: 'budget', message: why });
  if (tooMany) return refuse({ kind: 'too_many', message: `A run may have ${mostCalls} requests under way.` });
  try {
    await forwardCall(calls, { incoming, answer, provider, format, url });
    onRequest(host, true);
  } catch (error) {
    if (!isAppError(error))
      logger.warn({ error: messageOf(error), provider: name }, 'a call of an agent failed in the gateway');
    if (isAppError(error) && error.reason === 'budget_exhausted') calls.onRefused(error);
    if (answer.headersSent) answer.destroy();
    else refuse(problemOf(error));
  }
}

/** What will not be different a moment later is not to be tried again: the providers' clients read that header. */
function refused(
  incoming: IncomingMessage,
  answer: ServerResponse,
  { status, body }: { readonly status: number; readonly body: object },
  { kind }: PlaneProblem,
): void {
  const isLater = kind === 'too_many' || kind === 'unavailable' || kind === 'timeout';
  const headers = isLater ? { 'retry-after': '5' } : { 'x-should-retry': 'false' };
  const text = JSON.stringify(body);
  answer.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  answer.end(text);
  // What is still on its way is taken and dropped, so that the answer arrives.
  if (!incoming.complete) {
    incoming.resume();
    answer.once('finish', () => setTimeout(() => incoming.destroy(), 1_000).unref());
  }
}

function unknownPlace(answer: ServerResponse, providers: readonly Provider[]): void {
  const names = providers.map(({ name }) => `/${name}`).join(', ') || 'none';
  const message = `The farm answers below the names of this run's providers: ${names}.`;
  answer.writeHead(404, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ error: { type: 'not_found_error', message, param: null, code: 'not_found' } }));
}

function proxied({ proxy, cut, onRequest }: GatewayOptions, incoming: IncomingMessage, answer: ServerResponse): void {
  const host = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '').host : '?';
  if (proxy === null || cut() !== null) {
    onRequest(host, false);
    answer.writeHead(403, { 'content-type': 'text/plain' }).end('No host is on the list of this run.\n');
    return;
  }
  const onward = request(
    { socketPath: proxy, path: incoming.url, method: incoming.method, headers: incoming.headers, agent: false },
    (got) => {
      onRequest(host, got.statusCode !== 403);
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    },
  );
  onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  answer.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

type Tunnel = { readonly caller: Duplex; readonly head: Buffer; readonly held: <S extends Duplex>(stream: S) => S };

function tunnel(
  { proxy, cut, onRequest }: GatewayOptions,
  { url = '' }: IncomingMessage,
  { caller, head, held }: Tunnel,
): void {
  const host = url.slice(0, 300);
  if (proxy === null || cut() !== null || !/^[\w.:[\]-]+$/.test(host)) {
    onRequest(host, false);
    caller.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const onward = held(connect(proxy));
  onward.write(`CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  onward.once('data', (first: Buffer) => {
    const passed = first.toString('latin1', 0, 12) === 'HTTP/1.1 200';
    onRequest(host, passed);
    caller.write(first);
    if (passed && head.length > 0) onward.write(head);
    caller.pipe(onward);
    onward.pipe(caller);
  });
  onward.once('close', () => caller.destroy());
  caller.once('close', () => onward.destroy());
}
