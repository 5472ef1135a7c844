import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut without a word: nothing passes in either direction, and nobody is told. */
export type SilentProxy = {
  readonly url: string;
  /** From now on nothing passes, on old connections and on new ones. */
  cut(): void;
  /** What was held up is thrown away, old connections break, new ones pass. */
  mend(): void;
  close(): Promise<void>;
};

export async function openProxy(target: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => void (silent || to.write(bytes)));
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        if (!silent) to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: () => {
      silent = true;
    },
    mend: () => {
      breakAll();
      silent = false;
    },
    close: async () => {
      breakAll();
      await new Promise((closed) => server.close(closed));
    },
  };
}
