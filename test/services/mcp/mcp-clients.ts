import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type CallToolResult, Client, StreamableHTTPClientTransport, type Tool } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import Ajv from 'ajv';
import type { Json } from '../../support/http.ts';

/** The program that clients start. */
export const program = join(import.meta.dirname, '../../../services/mcp/main.ts');

/** `legacy` opens with the handshake of 2025, `modern` speaks the revision of 2026. */
export type Era = 'legacy' | 'modern';

function clientOf(era: Era): Client {
  const versionNegotiation = { mode: era === 'legacy' ? ('legacy' as const) : { pin: '2026-07-28' } };
  const capabilities = era === 'legacy' ? {} : { elicitation: { form: {} } };
  return new Client({ name: 'test', version: '1' }, { versionNegotiation, capabilities });
}

/** The official client over Streamable HTTP. */
export async function overHttp(
  url: string,
  bearer: string,
  era: Era = 'legacy',
  headers: Record<string, string> = {},
): Promise<Client> {
  const client = clientOf(era);
  const requestInit = { headers: { ...headers, authorization: `Bearer ${bearer}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  return client;
}

/** The official client over the program's standard input and output. */
export async function overStdio(env: Record<string, string>, era: Era = 'legacy'): Promise<Client> {
  const client = clientOf(era);
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [program], env, stderr: 'pipe' }));
  return client;
}

export type Told = {
  readonly isError: boolean;
  readonly texts: string[];
  readonly prose: string;
  readonly data: Json;
  /** Of the whole answer as JSON. */
  readonly bytes: number;
};

/** What the tool answered. */
export function toldBy(answer: CallToolResult): Told {
  const texts = answer.content.map((block) => (block.type === 'text' ? block.text : assert.fail(block.type)));
  return {
    isError: answer.isError === true,
    texts,
    prose: texts[0] ?? '',
    data: answer.structuredContent,
    bytes: Buffer.byteLength(JSON.stringify({ content: answer.content, structuredContent: answer.structuredContent })),
  };
}

/** Calls tools by their short names and holds what they answer against the schemas that the server listed. */
export async function toolsOf(client: Client) {
  const { tools } = await client.listTools();
  const ajv = new Ajv();
  const valid = new Map(tools.map((tool: Tool) => [tool.name, ajv.compile(tool.outputSchema as object)]));
  return async (name: string, args: Record<string, unknown> = {}): Promise<Told> => {
    const whole = `crafting_table_${name}`;
    const told = toldBy(await client.callTool({ name: whole, arguments: args }));
    const check = valid.get(whole);
    assert.ok(check, `${whole} is not listed`);
    if (!told.isError) assert.ok(check(told.data), JSON.stringify(check.errors));
    assert.ok(told.bytes <= 28_000, `${whole} answered ${told.bytes} bytes`);
    return told;
  };
}
