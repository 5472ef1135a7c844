import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const name = 'port.txt';

/** The port that the server of this folder had last, when nobody else has it now; -1: any free one. */
export async function keptPort(dir: string, host: string): Promise<number> {
  const port = Number(textOf(join(dir, name)));
  return Number.isInteger(port) && port > 1023 && port < 65_536 && (await isFree(host, port)) ? port : -1;
}

/** So that who connects finds the server at the same address after a restart. */
export function keepPort(dir: string, port: number): void {
  writeFileSync(join(dir, name), `${port}\n`, { mode: 0o600 });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
