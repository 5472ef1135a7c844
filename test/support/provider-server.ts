import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { UsageCounts } from '../../events/work/budget.ts';
import { replyShapes, type ShapeName } from './provider-replies.ts';

/** What the stand-in of a provider was asked. */
export type AskedOf = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
};

/** How it answers one request; null: with the usual reply. */
export type Behaviour = (asked: AskedOf, answer: ServerResponse) => Promise<unknown> | 'answered' | null;

export type ProviderServer = {
  readonly url: string;
  readonly asked: AskedOf[];
  /** What all whole answers took, as the provider would bill it. */
  readonly billed: () => number;
  /** What one usual answer takes. */
  usage: UsageCounts;
  text: string;
  /** The tool that its answer asks for, with what it is given; null: none. */
  tool: (asked: AskedOf) => readonly [name: string, input: object] | null;
  behave: Behaviour;
  close(): Promise<void>;
};

export const someUsage: UsageCounts = {
  input_tokens: 40,
  cache_read_tokens: 10,
  cache_write_tokens: 0,
  output_tokens: 50,
  reasoning_tokens: 0,
  tool_calls: 0,
};

const shapeOf = (path: string): ShapeName | undefined => {
  if (path.includes(':')) return 'gemini';
  return (Object.keys(replyShapes) as ShapeName[]).find((name) => replyShapes[name].path === path);
};

/** A provider that speaks the formats of Anthropic, OpenAI and Gemini, and counts what it would bill. */
export async function startProvider(): Promise<ProviderServer> {
  let billed = 0;
  const standIn: Omit<ProviderServer, 'url' | 'billed' | 'close'> = {
    asked: [],
    usage: someUsage,
    text: 'All tests pass now.',
    tool: () => null,
    behave: () => null,
  };
  const bill = () => {
    const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens } = standIn.usage;
    billed += input_tokens + cache_read_tokens + cache_write_tokens + output_tokens;
  };
  const serve = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const asked = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body };
    standIn.asked.push(asked);
    if ((await standIn.behave(asked, answer)) === 'answered') return;
    const shape = shapeOf(new URL(asked.url, 'http://x').pathname);
    if (shape === undefined) {
      answer.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such place"}}');
      return;
    }
    bill();
    const tool = standIn.tool(asked);
    usual(asked, answer, { ...standIn, shape, call: tool && { tool, id: String(standIn.asked.length) } });
  };
  const server = createServer((incoming, answer) => void serve(incoming, answer).catch(() => answer.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${port}`,
    billed: () => billed,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

type Call = { readonly tool: readonly [string, object]; readonly id: string };

function usual(
  { url, headers, body }: AskedOf,
  answer: ServerResponse,
  { shape, usage, text, call }: { shape: ShapeName; usage: UsageCounts; text: string; call: Call | null },
): void {
  const said = { model: String(body.model ?? 'gemini-2.5-pro'), text, usage, ...call };
  const streams = body.stream === true || url.includes('stream');
  const wantsUsage = (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;
  const events = replyShapes[shape]
    .events(said)
    .filter((one) => shape !== 'chat' || wantsUsage || !one.includes('"choices":[]'));
  const bytes = Buffer.from(streams ? events.join('') : JSON.stringify(replyShapes[shape].whole(said)));
  const zipped = String(headers['accept-encoding']).includes('gzip');
  answer.writeHead(200, {
    'content-type': streams ? 'text/event-stream' : 'application/json',
    'request-id': 'req_1',
    'anthropic-organization-id': 'org-of-the-key',
    'set-cookie': 'session=1',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  answer.end(zipped ? gzipSync(bytes) : bytes);
}
