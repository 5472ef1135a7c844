import { type IncomingHttpHeaders, request } from 'node:http';
import type { Recorded } from '../../events/registry.ts';
import type { AccessRequest, BottleAccess } from '../../services/egress/bottle-access.ts';
import { type Egress, openEgress } from '../../services/egress/open-egress.ts';
import type { EgressDeps } from '../../services/egress/plane.ts';
import { readPrices } from '../../services/egress/providers/price-file.ts';
import type { Provider } from '../../services/egress/providers/provider-file.ts';
import { systemClock } from '../../services/floor/clock.ts';
import type { EventLog } from '../../services/io/event-log.ts';
import { silent } from '../../services/io/log.ts';
import { inTempDir } from './farm-parts.ts';
import { memoryEventLog } from './memory-event-log.ts';
import { type ProviderServer, startProvider } from './provider-server.ts';

export type Plane = {
  readonly provider: ProviderServer;
  readonly log: EventLog & { readonly all: () => Recorded[] };
  readonly egress: Egress;
  readonly open: (request?: Partial<AccessRequest>) => Promise<BottleAccess>;
  readonly eventsOf: <N extends Recorded['type']>(type: N) => Recorded<N>[];
};

/** The number of a bottle as an id. */
export const bottleId = (number: number) => `01jzq0w4m8v2x6c1d3e5f${String(number).padStart(5, '0')}`;

export const realKey = 'sk-the-real-key';

export const providersAt = (url: string): Provider[] => [
  { name: 'anthropic', kind: 'anthropic', url, key: realKey, teams: null },
  { name: 'openai', kind: 'openai', url, key: realKey, teams: null },
  { name: 'gemini', kind: 'gemini', url, key: realKey, teams: null },
];

/** An access of a bottle of the project `web` of the team `acme`. */
export const someAccess = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  bottle: bottleId(1),
  attempt: null,
  project: 'web',
  owner: 'acme',
  agent: 'coder',
  providers: ['anthropic', 'openai', 'gemini'],
  models: null,
  hosts: [],
  budget: null,
  policy: 'cutoff',
  ...changes,
});

/** The egress plane on a log in memory, with a provider to ask. */
export async function withPlane(work: (plane: Plane) => Promise<void>, more: Partial<EgressDeps> = {}): Promise<void> {
  await inTempDir(async (dataDir) => {
    const provider = await startProvider();
    const log = memoryEventLog();
    const providers = providersAt(provider.url);
    const deps = {
      log,
      models: null,
      clock: systemClock,
      logger: silent,
      dataDir,
      providers,
      prices: readPrices(null),
      ...more,
    };
    const egress = openEgress(deps);
    const opened: BottleAccess[] = [];
    try {
      await work({
        ...{ provider, log, egress },
        open: async (request) => {
          const access = await egress.open(someAccess(request));
          opened.push(access);
          return access;
        },
        eventsOf: <N extends Recorded['type']>(type: N) =>
          log.all().filter((one) => one.type === type) as Recorded<N>[],
      });
    } finally {
      for (const access of opened) await access.close();
      await egress.close();
      await provider.close();
    }
  });
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly broken: boolean;
};
export type Asking = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly onChunk?: (text: string, leave: () => void) => void;
};

/** Asks through the socket of a bottle, as its programs do. */
export function ask(
  { socket }: Pick<BottleAccess, 'socket'>,
  path: string,
  body: unknown,
  asking: Asking = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'x-api-key': 'held-by-the-farm', ...asking.headers };
    const outgoing = request(
      { socketPath: socket, path, method: asking.method ?? 'POST', headers, agent: false },
      (got) => {
        const chunks: Buffer[] = [];
        const end = () =>
          resolve({
            status: got.statusCode ?? 0,
            headers: got.headers,
            text: Buffer.concat(chunks).toString(),
            broken: !got.complete,
          });
        got.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          asking.onChunk?.(chunk.toString(), () => outgoing.destroy());
        });
        got.on('end', end);
        got.on('error', end);
        got.on('close', end);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(asking.method === 'GET' ? undefined : text);
  });
}

export const message = (more: object = {}) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Mend the test.' }],
  ...more,
});
