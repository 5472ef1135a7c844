import { connect } from 'node:net';
import { whileMoving } from '../../support/until.ts';

/**
 * Sends bytes to an address as they are and gives everything that comes back until the other side closes; `drip` is sent
 * again every 50 ms until then.
 */
export function exchange(url: string, bytes: string | Buffer, { drip }: { drip?: string } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  const talk = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
      const dripping = drip === undefined ? undefined : setInterval(() => socket.writable && socket.write(drip), 50);
      let text = '';
      signal.addEventListener('abort', () => reject(new Error(`${signal.reason} Only this came: ${text}`)));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', (error) => (text === '' ? reject(error) : undefined));
      socket.on('close', () => {
        clearInterval(dripping);
        resolve(text);
      });
    });
  return whileMoving(talk);
}
