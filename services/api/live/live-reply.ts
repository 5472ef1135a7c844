import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Bytes that may wait for a slow reader before nothing more is fetched for it. */
export const highWater = 1_000_000;

/** How often a silent stream of server-sent events says that it is still there, in ms. */
export const heartbeat = 15_000;

/**
 * Takes the response out of the framework's hands, for an answer that is sent bit by bit. Null for a HEAD, which is
 * answered with that, and for a reader who has gone before anything was sent.
 */
export function takeOver(
  request: FastifyRequest,
  reply: FastifyReply,
  { status = 200, headers }: { status?: number; headers: Record<string, string> },
): ServerResponse | null {
  const { raw } = reply.hijack();
  // Its `close` has been, and whatever would be ended by that would go on for ever.
  if (raw.closed) return null;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(status, headers);
  if (request.method === 'HEAD') {
    raw.end();
    return null;
  }
  raw.flushHeaders();
  return raw;
}

/** Acts when the reader has gone or has everything, at once where that has been. */
export function onceClosed(raw: ServerResponse, act: () => void): void {
  if (raw.closed) act();
  else raw.once('close', act);
}

/** Headers of an answer that grows, as server-sent events or as lines. */
export function growing(contentType: string): Record<string, string> {
  return { 'content-type': `${contentType}; charset=utf-8`, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
}

/** Writes, and waits while the reader is slower than we are. */
export async function writeTo(raw: ServerResponse, bytes: Uint8Array | string): Promise<void> {
  if (raw.write(bytes) || raw.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      raw.off('drain', go);
      raw.off('close', go);
      resolve();
    };
    raw.once('drain', go);
    raw.once('close', go);
  });
}
