import { sidecarCalls } from './sidecar-calls.ts';

/** Versions of the Model Context Protocol that we speak, the newest first. */
const versions = ['2025-06-18', '2025-03-26', '2024-11-05'];

/** What an MCP client is told that opens a session. */
export function mcpHello(asked: unknown, version: string) {
  return {
    protocolVersion: versions.find((one) => one === asked) ?? versions[0],
    capabilities: { tools: {} },
    serverInfo: { name: 'crafting-table', version },
    instructions: 'Call signal_done once, when your work is over: nothing else ends it.',
  };
}

/** The sidecar's methods as tools. */
export function mcpTools() {
  return Object.entries(sidecarCalls).map(([name, { says, params }]) => ({
    name,
    description: says,
    inputSchema: {
      type: 'object',
      properties: params.properties,
      required: params.required ?? [],
      additionalProperties: false,
    },
  }));
}

/** What a tool said, as MCP has it. */
export function mcpSaid(text: string, isError: boolean) {
  return { content: [{ type: 'text', text }], isError };
}
