import { createMcpHandler } from '@modelcontextprotocol/server';
import type { ApiCall } from './define.ts';
import { mcpServer } from './mcp-server.ts';

export type McpEndpoint = {
  /** Answers one HTTP request of the Streamable HTTP transport; `call` asks the API as the same caller. */
  answer(request: Request, body: unknown, call: ApiCall): Promise<Response>;
  close(): Promise<void>;
};

type McpReports = {
  /** Told of what nobody foresaw. */
  readonly onTrouble: (error: unknown) => void;
  /** Told of requests that are none of the protocol's. */
  readonly onRefused: (error: unknown) => void;
};

/**
 * The tools over Streamable HTTP. Each request is served by a server of its own and nothing is kept between two:
 * there is no session that could outlive its token. Progress goes out on the answer to the call that it belongs to.
 */
export function openMcpEndpoint({ onTrouble, onRefused }: McpReports): McpEndpoint {
  const calls = new WeakMap<Request, ApiCall>();
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const call = requestInfo && calls.get(requestInfo);
      if (!call) throw new Error('a request came without its caller');
      return mcpServer({ call, gone: requestInfo.signal, onTrouble });
    },
    { onerror: onRefused },
  );
  return {
    answer: (request, body, call) => {
      calls.set(request, call);
      return handler.fetch(request, body === undefined ? {} : { parsedBody: body });
    },
    close: () => handler.close(),
  };
}
