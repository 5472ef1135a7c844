import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
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

/** Time to the first byte of a stream through the gateway, with its share in the log before, over that without it, and what both compute. */
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
      const [ours, bare] = [
        { socketPath: access.socket, path: '/anthropic/v1/messages', agent: new Agent({ keepAlive: true }) },
        { host: '127.0.0.1', port, path: '/v1/messages', agent: new Agent({ keepAlive: true }) },
      ];
      try {
        return [...(await held(ours, bare, 1)), ...(await held(ours, bare, 16))];
      } finally {
        for (const { agent } of [ours, bare]) agent.destroy();
      }
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

type Where = { readonly path: string; readonly agent: Agent } & (
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
);

/** The gateway and the provider in turn, so that both see the same neighbours; `atOnce` requests are under way together. */
async function held(ours: Where, bare: Where, atOnce: number): Promise<Figure[]> {
  const taken = { ours: { times: [] as number[], cpuMs: 0 }, bare: { times: [] as number[], cpuMs: 0 } };
  for (let turn = -warmUp; turn < turns; turn += atOnce)
    for (const [where, into] of [[ours, taken.ours] as const, [bare, taken.bare] as const]) {
      const from = process.cpuUsage();
      const times = await Promise.all(Array.from({ length: atOnce }, () => firstByte(where)));
      const { user, system } = process.cpuUsage(from);
      if (turn < 0) continue;
      into.times.push(...times);
      into.cpuMs += (user + system) / 1000;
    }
  const what = `a stream through the gateway, less that without it, ${atOnce} at once`;
  const over = median(taken.ours.times) - median(taken.bare.times);
  const cpu = taken.ours.cpuMs / taken.ours.times.length - taken.bare.cpuMs / taken.bare.times.length;
  const target = atOnce === 1 ? { atMost: 2 } : null;
  return [
    {
      what: `first byte of ${what}, p50 (${median(taken.bare.times).toFixed(2)} ms)`,
      unit: 'ms',
      ours: over,
      limit: null,
      target,
    },
    { what: `computing of a request for ${what}`, unit: 'ms', ours: cpu, limit: null, target: null },
  ];
}

/** Milliseconds until the first byte of the answer; its rest is waited for, too. */
function firstByte(where: Where): Promise<number> {
  const from = performance.now();
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...where, method: 'POST', headers }, (answer) => {
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
