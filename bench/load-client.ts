import { connect, type Socket } from 'node:net';

/**
 * A load generator: keep-alive connections that each ask again as soon as they are answered. It reads as little of an
 * answer as will do, so that the server is what is measured. `node load-client.ts <url> <bearer> <connections> <ms>`
 * prints JSON: requests, and their p50 and p95 in ms.
 */
const [url = '', bearer = '', connections = '8', duration = '1000'] = process.argv.slice(2);
const { hostname, port, pathname, search } = new URL(url);
const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${bearer}\r\n\r\n`;
const times: number[] = [];
let deadline = Number.POSITIVE_INFINITY;

function ask(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let begin = performance.now();
    let missing = -1;
    socket.on('error', reject);
    socket.on('data', (bytes: Buffer) => {
      if (missing < 0) missing = lengthOf(bytes);
      missing -= bytes.length;
      if (missing > 0) return;
      const now = performance.now();
      times.push(now - begin);
      if (now >= deadline) {
        socket.destroy();
        resolve();
        return;
      }
      begin = now;
      missing = -1;
      socket.write(request);
    });
    socket.write(request);
  });
}

/** Bytes of the whole answer. The header comes in one piece. */
function lengthOf(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, headEnd);
  if (!head.startsWith('HTTP/1.1 200')) throw new Error(head);
  return headEnd + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
}

const sockets = await Promise.all(
  Array.from(
    { length: Number(connections) },
    () =>
      new Promise<Socket>((resolve) => {
        const socket = connect(Number(port), hostname, () => resolve(socket));
        socket.setNoDelay(true);
      }),
  ),
);
const begin = performance.now();
deadline = begin + Number(duration);
await Promise.all(sockets.map(ask));
const seconds = (performance.now() - begin) / 1000;
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.floor(times.length * share)];
process.stdout.write(`${JSON.stringify({ rate: times.length / seconds, p50: at(0.5), p95: at(0.95) })}\n`);
