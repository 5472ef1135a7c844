import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a service on which connections can be cut; `cuts` says after how many bytes towards the client each one breaks. */
export async function openCuttingProxy(target: string, cuts: readonly number[]) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const limit = cuts[connections] ?? Number.POSITIVE_INFINITY;
    connections += 1;
    const service = connect(Number(port), hostname);
    let sent = 0;
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, service].map((one) => one.destroy()));
    }
    client.pipe(service);
    service.on('data', (bytes) => {
      client.write(bytes.subarray(0, Math.max(0, limit - sent)));
      sent += bytes.length;
      if (sent >= limit) client.end(() => service.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
