import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { clawdforgeSchemas, type Operation, RunFailure } from './clawdforge-schema.ts';
import { atEnd } from './git-repository.ts';

export type StoredSession = {
  readonly session_id: string;
  readonly agent: string;
  readonly model: string | null;
  readonly created_at: number;
  readonly meta: Record<string, unknown>;
  turn_count: number;
  last_turn_at: number | null;
  closed_at: number | null;
  /** How often it was asked to end. */
  closes: number;
  /** Whose it is: others are told that there is none. */
  readonly owner: string;
};

/**
 * How the next matching request goes wrong. `cut` ends the connection before anything happens, `cut_after` when the work
 * was done; `hang` does the work and never answers; `malformed` answers half of its JSON; `raw` is sent as it is.
 */
export type Failure =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'gone'
  | 'run_failure'
  | 'pool_full'
  | 'cut'
  | 'cut_after'
  | 'hang'
  | 'malformed'
  | { readonly status: number; readonly raw: string; readonly headers?: Record<string, string> };

export type AskedTurn = { readonly turn: number; readonly meta: Record<string, unknown>; readonly sessionId: string };

export type ClawdforgeOptions = {
  readonly token: string;
  /** The text of an answer; a rejection is the gateway's 502. The turn is as slow as this is. */
  readonly answer: (prompt: string, asked: AskedTurn) => string | Promise<string>;
  /** A second token, whose sessions are foreign to the first. */
  readonly otherToken?: string;
  readonly maxOpen?: number;
  /** Stops the server at the end of this test. */
  readonly context?: TestContext;
  readonly usage?: Record<string, unknown>;
  /** Told of every call, as `agent <operation>`, before its work and after it. `cut` breaks the connection there. */
  readonly onCall?: (key: string, phase: 'before' | 'after') => 'cut' | undefined;
};

type Given = { agent?: string; model?: string; meta?: Record<string, unknown>; prompt?: string };
type Reply = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

const failures = {
  unauthorized: { status: 401, body: { detail: 'invalid token' } },
  forbidden: { status: 403, body: { detail: 'address not allowed' } },
  not_found: { status: 404, body: { detail: 'session not found' } },
  gone: { status: 410, body: { detail: 'session is closed' } },
  run_failure: {
    status: 502,
    body: { detail: { error: 'run_failed', exit_code: 1, stderr: 'the model is overloaded' } },
  },
  pool_full: { status: 503, body: { detail: 'pool is full' }, headers: { 'retry-after': '7' } },
} satisfies Record<string, Reply>;

/** Speaks clawdforge's API over HTTP on a free port. What does not keep to its schemas is in `faults`, and fails `stop`. */
export async function startClawdforge(options: ClawdforgeOptions) {
  const sessions = new Map<string, StoredSession>();
  const turns: { sessionId: string; prompt: string; turn: number }[] = [];
  const files: { token: string; content: string; ttlSecs: number }[] = [];
  const requests: { operation: Operation; method: string; path: string }[] = [];
  const faults: string[] = [];
  const planned: { operation: Operation; failure: Failure }[] = [];

  const checked = (schema: TSchema | null, value: unknown, what: string): boolean => {
    const right = schema === null ? value === undefined : Value.Check(schema, value);
    if (!right) faults.push(`${what} is not what the API says: ${JSON.stringify(value)?.slice(0, 300)}`);
    return right;
  };
  const create = (owner: string, given: Given): Reply => {
    const open = [...sessions.values()].filter(({ closed_at }) => closed_at === null);
    if (open.length >= (options.maxOpen ?? 100)) return failures.pool_full;
    const session: StoredSession = {
      session_id: randomUUID(),
      agent: given.agent ?? 'claude',
      model: given.model ?? null,
      created_at: Date.now() / 1000,
      meta: given.meta ?? {},
      turn_count: 0,
      last_turn_at: null,
      closed_at: null,
      closes: 0,
      owner,
    };
    sessions.set(session.session_id, session);
    return { status: 200, body: shown(session) };
  };
  const keepFile = ({ file, ttl_secs = '3600' }: { file: string; ttl_secs?: string }): Reply => {
    const token = `ff_${randomUUID()}`;
    files.push({ token, content: file, ttlSecs: Number(ttl_secs) });
    return { status: 200, body: { file_token: token, ttl_secs: Number(ttl_secs), size: Buffer.byteLength(file) } };
  };
  const turn = async (session: StoredSession, prompt: string): Promise<Reply> => {
    if (session.closed_at !== null) return failures.gone;
    session.turn_count += 1;
    session.last_turn_at = Date.now() / 1000;
    const asked = { turn: session.turn_count, meta: session.meta, sessionId: session.session_id };
    turns.push({ sessionId: session.session_id, prompt, turn: asked.turn });
    const startedAt = performance.now();
    let text: string;
    try {
      text = await options.answer(prompt, asked);
    } catch (error) {
      return { status: 502, body: { detail: { error: 'run_failed', exit_code: 1, stderr: String(error) } } };
    }
    const half = Math.floor(text.length / 2);
    const events = [
      { type: 'thinking', content: 'let me {"think": 1}' },
      { type: 'text', content: text.slice(0, half) },
      { type: 'tool_call', content: { name: 'read', input: {} } },
      { type: 'text', content: text.slice(half) },
    ];
    const duration_ms = Math.round(performance.now() - startedAt);
    const ids = { session_id: session.session_id, turn_index: asked.turn - 1 };
    const usage = options.usage === undefined ? {} : { usage: options.usage };
    return { status: 200, body: { ok: true, ...ids, events, stop_reason: 'end_turn', duration_ms, ...usage } };
  };
  const close = (session: StoredSession): Reply => {
    session.closes += 1;
    session.closed_at ??= Date.now() / 1000;
    return { status: 200, body: { ok: true, session_id: session.session_id, closed_at: session.closed_at } };
  };
  const work = async (operation: Operation, owner: string, id: string, url: URL, body: unknown): Promise<Reply> => {
    const given = (body ?? {}) as Given;
    if (operation === 'create') return create(owner, given);
    if (operation === 'upload') return keepFile(body as { file: string; ttl_secs?: string });
    const own = [...sessions.values()].filter((one) => one.owner === owner);
    if (operation === 'list') {
      const all = url.searchParams.get('include_closed') === 'true';
      return { status: 200, body: own.filter(({ closed_at }) => all || closed_at === null).map(shown) };
    }
    const session = own.find(({ session_id }) => session_id === id);
    if (session === undefined) return failures.not_found;
    if (operation === 'turn') return turn(session, given.prompt ?? '');
    return operation === 'get' ? { status: 200, body: shown(session) } : close(session);
  };
  const health = (): Reply => {
    const tools = { claude_present: true, claude_version: '2.1.0', acpx_present: true, acpx_version: '0.1.0' };
    const open = [...sessions.values()].filter(({ closed_at }) => closed_at === null).length;
    return { status: 200, body: { ok: true, ...tools, open_sessions: open } };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, place, id = '', what] = url.pathname.split('/');
    const operation = operationOf(request.method ?? '', place ?? '', id, what);
    const text = await bodyOf(request);
    if (operation === undefined) return send(response, { status: 404, body: { detail: 'Not Found' } });
    requests.push({ operation, method: request.method ?? '', path: url.pathname });
    if (operation === 'healthz') return send(response, health());
    const bearer = request.headers.authorization?.replace(/^Bearer /, '');
    if (bearer !== options.token && (bearer === undefined || bearer !== options.otherToken))
      return send(response, failures.unauthorized);
    const body = await readBody(text, request.headers['content-type']);
    if (!checked(clawdforgeSchemas[operation].request, body, `the request of ${operation}`))
      return send(response, { status: 422, body: { detail: [{ msg: 'not what the API takes' }] } });
    const at = planned.findIndex((one) => one.operation === operation);
    const failure = at < 0 ? undefined : planned.splice(at, 1)[0]?.failure;
    if (failure === 'cut' || options.onCall?.(`agent ${operation}`, 'before')) return void request.socket.destroy();
    if (typeof failure === 'object') return void response.writeHead(failure.status, failure.headers).end(failure.raw);
    if (typeof failure === 'string' && failure in failures)
      return send(response, failures[failure as keyof typeof failures]);
    const reply = await work(operation, bearer, id, url, body);
    if (reply.status === 200)
      checked(clawdforgeSchemas[operation].response, reply.body, `the response of ${operation}`);
    else if (reply.status === 502) checked(RunFailure, reply.body, 'the failure of a turn');
    if (failure === 'hang') return;
    if (failure === 'cut_after' || options.onCall?.(`agent ${operation}`, 'after'))
      return void request.socket.destroy();
    if (failure === 'malformed') return void response.end(JSON.stringify(reply.body).slice(0, -5));
    send(response, reply);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') faults.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= new Promise<void>((resolve, reject) => {
      server.closeAllConnections();
      server.close(() => (faults.length === 0 ? resolve() : reject(new Error(faults.join('\n')))));
    });
    return stopped;
  };
  if (options.context !== undefined) atEnd(options.context, stop);
  const failNext = (operation: Operation, failure: Failure, times = 1): void => {
    for (let time = 0; time < times; time += 1) planned.push({ operation, failure });
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, sessions, files, turns, requests, faults, failNext, stop };
}

function operationOf(method: string, place: string, id: string, what: string | undefined): Operation | undefined {
  const route = `${method} ${place}${id === '' ? '' : '/id'}${what === undefined ? '' : `/${what}`}`;
  const routes: Readonly<Record<string, Operation>> = {
    'GET healthz': 'healthz',
    'POST files': 'upload',
    'POST sessions': 'create',
    'GET sessions': 'list',
    'GET sessions/id': 'get',
    'DELETE sessions/id': 'delete',
    'POST sessions/id/turn': 'turn',
  };
  return routes[route];
}

function shown({ closes: _closes, owner: _owner, ...session }: StoredSession): Record<string, unknown> {
  return { ...session, live: session.closed_at === null };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** JSON, or the fields of a form with its files as text. */
async function readBody(text: string, contentType = ''): Promise<unknown> {
  if (!contentType.startsWith('multipart/')) return text === '' ? undefined : JSON.parse(text);
  const form = await new Response(text, { headers: { 'content-type': contentType } }).formData();
  const fields = [...form].map(async ([name, value]) => [name, typeof value === 'string' ? value : await value.text()]);
  return Object.fromEntries(await Promise.all(fields));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
