import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openEgress } from '../services/egress/open-egress.ts';
import { readPrices } from '../services/egress/providers/price-file.ts';
import { systemClock } from '../services/floor/clock.ts';
import { silent } from '../services/io/log.ts';
import { connectNats } from '../services/io/nats/connection.ts';
import { openEventLog } from '../services/io/nats/log/jetstream-event-log.ts';
import { openStoreSync } from '../services/io/nats/log/store-sync.ts';
import { makeStreams } from '../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../services/io/nats/server/embedded-server.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const turns = 400;
const warmUp = 50;
const body = JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 64, stream: true, messages: [] });
const events = [
  { type: 'message_start', message: { model: 'claude-sonnet-4-5', usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

/** Time to the first byte of a stream through the gateway, with its share appended to the log before, over that without it. */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const provider = createServer((incoming, answer) => {
      incoming.resume().on('end', () => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        answer.end(events.join(''));
      });
    });
    provider.listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const { port } = provider.address() as AddressInfo;
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: silent });
    const nats = await connectNats({ ...server, name: 'bench', log: silent });
    await makeStreams(nats, { retentionDays: 1, replicas: 1 });
    const sync = openStoreSync(server.messagesDir('CT_EVENTS'));
    const log = openEventLog({ nats, source: '/bench', sync });
    const url = `http://127.0.0.1:${port}`;
    const egress = openEgress({
      ...{ log, models: null, clock: systemClock, logger: silent, dataDir: dir, prices: readPrices(null) },
      providers: [{ name: 'anthropic', kind: 'anthropic', url, key: 'bench', teams: null }],
    });
    const access = await egress.open({
      ...{ bottle: '0'.repeat(26), attempt: null, project: 'bench', owner: 'bench', agent: 'bench' },
      ...{ providers: ['anthropic'], models: null, hosts: [], budget: { tokens: 1e12 }, policy: 'cutoff' },
    });
    try {
      const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
      for (let turn = 0; turn < turns + warmUp; turn += 1) {
        const ours = await firstByte({ socketPath: access.socket, path: '/anthropic/v1/messages' });
        const bare = await firstByte({ host: '127.0.0.1', port, path: '/v1/messages' });
        if (turn < warmUp) continue;
        times.ours.push(ours);
        times.bare.push(bare);
      }
      const over = median(times.ours) - median(times.bare);
      const what = `first byte of a stream through the gateway, over that without it, p50 (${median(times.bare).toFixed(2)} ms)`;
      return [{ what, unit: 'ms', ours: over, limit: null, target: { atMost: 2 } }];
    } finally {
      await access.close();
      await egress.close();
      await nats.connection.close();
      await sync.close();
      await server.stop();
      provider.closeAllConnections();
      provider.close();
    }
  });
}

type Where = { readonly path: string } & (
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
);

/** Milliseconds until the first byte of the answer; its rest is waited for, too. */
function firstByte(where: Where): Promise<number> {
  const from = performance.now();
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...where, method: 'POST', headers, agent: false }, (answer) => {
      let first: number | undefined;
      answer.on('data', () => {
        first ??= performance.now() - from;
      });
      answer.on('end', () => resolve(first ?? Number.NaN));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

if (import.meta.main) await printed(run);
