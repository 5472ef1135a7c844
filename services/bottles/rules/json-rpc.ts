/** A request of JSON-RPC 2.0. Without `id` it is a notification, and nobody waits for an answer. */
export type RpcRequest = {
  readonly id: string | number | null | undefined;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
};

/** The codes of section 5.1 of the specification, and the one of ours. */
export const rpcCodes = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  failed: -32000,
  refused: -32001,
};

/** Reads one line. A fault has the id to answer under, null when there was none to be read. */
export function readRequest(
  line: string,
): RpcRequest | { readonly fault: string; readonly id: string | number | null } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { fault: rpcError(null, rpcCodes.parse, 'A line is one JSON object.'), id: null };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: rpcError(null, rpcCodes.request, 'A request is one JSON object.'), id: null };
  const { id, method, params = {} } = value as Record<string, unknown>;
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (typeof method !== 'string' || typeof params !== 'object' || params === null || Array.isArray(params))
    return {
      fault: rpcError(known, rpcCodes.request, 'A request has a `method` and, named, its `params`.'),
      id: known,
    };
  return { id: id === undefined ? undefined : known, method, params: params as Record<string, unknown> };
}

export function rpcResult(id: RpcRequest['id'], result: unknown): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id: id ?? null, result })}\n`;
}

export function rpcError(id: RpcRequest['id'], code: number, message: string): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: { code, message } })}\n`;
}
