import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { AppError } from '../../floor/app-error.ts';
import { type ListenAt, tryListening } from './listen-failure.ts';

/** Where HTTP listens: an address, a socket file, or a socket that systemd opened before the start. */
type ListenPlace =
  | ({ readonly kind: 'address' } & ListenAt)
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'inherited'; readonly fd: number };

/** The first socket that systemd hands on (sd_listen_fds(3)). */
const firstFd = 3;

/** `host` may be `unix:/path`; a socket that was handed on to this very process comes before all. */
export function listenPlace({ host, port }: ListenAt, env: NodeJS.ProcessEnv): ListenPlace {
  const isForUs = env['LISTEN_PID'] === String(process.pid) && Number(env['LISTEN_FDS']) >= 1;
  if (isForUs) return { kind: 'inherited', fd: firstFd };
  if (host.startsWith('unix:')) return { kind: 'path', path: socketPath(host.slice('unix:'.length)) };
  return { kind: 'address', host, port };
}

/** As sockaddr_un of Linux holds it, in bytes. */
const longestSocketPath = 107;

function socketPath(path: string): string {
  const bytes = Buffer.byteLength(path);
  const wrong = !path.startsWith('/')
    ? 'a path from the root, as in unix:/run/crafting-table/http.sock'
    : bytes > longestSocketPath
      ? `a path of at most ${longestSocketPath} bytes`
      : null;
  if (wrong === null) return path;
  throw new AppError(
    'misconfigured',
    `CRAFTING_HOST must name ${wrong}; found ${JSON.stringify(path)} (${bytes} bytes).`,
  );
}

/** Says what is in the way before any job is begun, and takes away the socket file of a service that is gone. */
export async function tryPlace(place: ListenPlace): Promise<void> {
  if (place.kind === 'address') return tryListening(place);
  if (place.kind === 'inherited') return;
  const { path } = place;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket())
    throw new AppError('misconfigured', `CRAFTING_HOST names ${path}, which is there and is no socket.`);
  if (await answers(path))
    throw new AppError('misconfigured', `CRAFTING_HOST names ${path}, on which another program listens.`);
  rmSync(path);
}

/** The same for `listen` of a server. A host keeps fastify from a second server on IPv6; with `fd` Node does not look at it. */
export function listenOptions(place: ListenPlace) {
  if (place.kind === 'inherited') return { fd: place.fd, host: '127.0.0.1' };
  return place.kind === 'path' ? { path: place.path } : { host: place.host, port: place.port };
}

/**
 * Who may connect to a socket file is said by its mode: the owner and the group. It has no address, so who comes that way
 * counts as 127.0.0.1, and `CRAFTING_TRUST_PROXY=127.0.0.1/32` means the proxy on the other side.
 */
export function settleSocket(place: ListenPlace, server: Server): void {
  if (place.kind === 'path') chmodSync(place.path, 0o660);
  server.on('connection', (socket: Socket) => {
    if (socket.remoteAddress === undefined) Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' });
  });
}

async function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const found = await promise;
  socket.destroy();
  return found;
}
