import { createMcpHandler, InMemoryServerEventBus } from '@modelcontextprotocol/server';
import type { ApiCall } from './define.ts';
import { farmClient } from './farm-client.ts';
import { mcpServer } from './mcp-server.ts';
import type { Offer } from './offer.ts';
import { watchedBy, watchResources } from './resources/watch-resources.ts';

/** Who asks: how the API is asked in their name, and what they want to be offered. */
export type McpCaller = { readonly call: ApiCall; readonly offer: Offer };

export type McpEndpoint = {
  /** Answers one HTTP request of the Streamable HTTP transport. */
  answer(request: Request, body: unknown, caller: McpCaller): Promise<Response>;
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
  const callers = new WeakMap<Request, McpCaller>();
  const open = (bus?: InMemoryServerEventBus) =>
    createMcpHandler(
      ({ requestInfo, era }) => {
        const caller = requestInfo && callers.get(requestInfo);
        if (!caller) throw new Error('a request came without its caller');
        return mcpServer({ ...caller, listens: era === 'modern', gone: requestInfo.signal, onTrouble });
      },
      { onerror: onRefused, ...(bus ? { bus } : {}) },
    );
  const handler = open();
  return {
    answer: async (request, body, caller) => {
      callers.set(request, caller);
      const parsed = body === undefined ? {} : { parsedBody: body };
      const watched = watchedBy(body);
      if (watched.length === 0) return handler.fetch(request, parsed);
      // What one caller watches is told to nobody else.
      const bus = new InMemoryServerEventBus();
      const client = farmClient(caller.call, request.signal);
      const onChange = (uri: string) => bus.publish({ kind: 'resource_updated', uri });
      const watch = watchResources({ client, onChange, gone: request.signal });
      await Promise.all(watched.map((uri) => watch.add(uri)));
      return open(bus).fetch(request, parsed);
    },
    close: () => handler.close(),
  };
}
