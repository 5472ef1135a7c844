import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '../../floor/app-error.ts';

export type ListenAt = { readonly host: string; readonly port: number };

const reasons: Readonly<Record<string, (at: ListenAt) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `CRAFTING_PORT ${port} is taken on ${host} by another program; stop that, or choose another port (0 = any free one)`,
  EACCES: ({ port }) =>
    `CRAFTING_PORT ${port} may not be opened by this user; choose one above 1023, put a proxy before it, or grant CAP_NET_BIND_SERVICE`,
  EADDRNOTAVAIL: ({ host }) => `CRAFTING_HOST ${host} is no address of this machine`,
  ENOTFOUND: ({ host }) => `CRAFTING_HOST ${host} is a name that this machine does not know`,
  EAI_AGAIN: ({ host }) => `CRAFTING_HOST ${host} is a name that this machine cannot look up at the moment`,
  EAFNOSUPPORT: ({ host }) => `CRAFTING_HOST ${host} is an address of a kind that this machine does not have`,
};

/** What a failed `listen` means, as AppError('misconfigured'); everything else as it came. */
export function listenFailure(error: unknown, at: ListenAt): unknown {
  const words = reasons[(error as NodeJS.ErrnoException).code ?? '']?.(at);
  return words === undefined ? error : new AppError('misconfigured', `${words}.`, { cause: error });
}

/** Listens for a moment, so that a port that cannot be had is told before any job is begun. */
export async function tryListening(at: ListenAt): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(at), 'listening');
  } catch (error) {
    throw listenFailure(error, at);
  }
  await new Promise((done) => server.close(done));
}
