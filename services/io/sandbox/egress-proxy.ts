import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isAppError, messageOf } from '../../floor/app-error.ts';
import { allowedAddress, type OwnNetworks, type Resolve, type Wanted } from './allowed-hosts.ts';

type EgressOptions = {
  /** Where it listens: a path of a unix socket. */
  readonly socket: string;
  readonly allow: readonly string[];
  /** Told of each thing that was refused, once. */
  readonly onDenied: (what: string) => void;
  /** In both directions together; afterwards everything is refused. */
  readonly maxBytes: number;
  readonly resolve?: Resolve;
  /** What of this machine and its link may be reached; `listed` unless told. */
  readonly own?: OwnNetworks;
};

const mostConnections = 256;
const idleMs = 600_000;
/** Headers that concern this hop alone. */
const ofThisHop = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'upgrade'];

/** A forward proxy for one job: CONNECT and absolute addresses, to the hosts of a list and to nothing else. */
export async function openEgressProxy(options: EgressOptions): Promise<{ close(): Promise<void> }> {
  const open = new Set<Duplex>();
  const denied = new Set<string>();
  let bytes = 0;
  const held = <S extends Duplex>(stream: S): S => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    stream.on('error', () => stream.destroy());
    return stream;
  };
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= options.maxBytes) return;
    deny(`more than ${options.maxBytes} bytes over the network`);
    for (const stream of open) stream.destroy();
  };
  const deny = (what: string) => {
    const shown = what.slice(0, 300);
    if (denied.has(shown) || denied.size >= 100) return;
    denied.add(shown);
    options.onDenied(shown);
  };
  /** Where it goes; or why the job may not go there, which is said, too. */
  const reach = async (wanted: Wanted | null): Promise<{ host: string } | { refused: string }> => {
    if (wanted === null) return { refused: 'a host and a port were expected' };
    if (bytes > options.maxBytes) return { refused: `more than ${options.maxBytes} bytes went over the network` };
    try {
      return { host: await allowedAddress(wanted, options.allow, options.resolve, options.own) };
    } catch (error) {
      const refused = isAppError(error) ? error.message : messageOf(error);
      deny(refused);
      return { refused };
    }
  };

  const forward = async (asked: IncomingMessage, answer: ServerResponse) => {
    const url = plainUrl(asked.url ?? '');
    const way = await reach(url && { host: bare(url.hostname), port: Number(url.port || 80) });
    if (url === null || 'refused' in way) {
      answer.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(refusal(way));
      return;
    }
    const { host } = way;
    const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !ofThisHop.includes(name)));
    const path = `${url.pathname}${url.search}`;
    const options = { host, port: Number(url.port || 80), method: asked.method ?? 'GET', path, headers, agent: false };
    const onward = request({ ...options, headers: { ...headers, host: url.host } }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.on('data', count).pipe(answer);
    });
    onward.on('socket', held);
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => onward.destroy());
    asked.on('data', count).pipe(onward);
  };
  const tunnel = async ({ url = '' }: IncomingMessage, caller: Duplex, head: Buffer) => {
    held(caller);
    const [, name = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:/\s]+):(\d{1,5})$/.exec(url) ?? [];
    const way = await reach(name === '' ? null : { host: bare(name), port: Number(port) });
    if ('refused' in way) {
      const words = refusal(way);
      const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(words)}`;
      caller.end(`HTTP/1.1 403 Forbidden\r\n${head}\r\n\r\n${words}`);
      return;
    }
    const onward: Socket = held(connect({ host: way.host, port: Number(port), timeout: idleMs }));
    onward.once('timeout', () => onward.destroy());
    onward.once('connect', () => {
      caller.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      caller.on('data', count).pipe(onward);
      onward.on('data', count).pipe(caller);
    });
    onward.once('close', () => caller.destroy());
    caller.once('close', () => onward.destroy());
  };

  const server = createServer((asked, answer) => void forward(asked, answer).catch(() => answer.destroy()));
  server.maxConnections = mostConnections;
  server.on('connection', held);
  server.on('connect', (asked, caller, head) => void tunnel(asked, caller, head).catch(() => caller.destroy()));
  server.listen(options.socket);
  await once(server, 'listening');
  // The user of a job may be another than ours; whoever reaches the folder may ask.
  await chmod(options.socket, 0o666);
  return {
    async close() {
      for (const stream of open) stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function refusal(way: { host: string } | { refused: string }): string {
  return `The farm does not let this through: ${'refused' in way ? way.refused : 'an address with http:// was expected'}.\n`;
}

function plainUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' ? url : null;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
