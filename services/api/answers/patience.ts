import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';

const mostSecs = 300;

/** `?wait=` of what goes on after its answer. */
export const Wait = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: mostSecs,
    description: 'seconds to wait for the outcome; the header `Prefer: wait=30` says the same (RFC 7240)',
  }),
);

/** How long a request wants to wait, in ms; of both ways to say it the query wins. */
export function patienceOf(
  request: { readonly query: { readonly wait?: number }; readonly headers: FastifyRequest['headers'] },
  reply: Pick<FastifyReply, 'header'>,
): number {
  const { wait } = request.query;
  if (wait !== undefined) return wait * 1000;
  const preferred = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(
    String(request.headers['prefer'] ?? ''),
  )?.[1];
  if (preferred === undefined) return 0;
  const secs = Math.min(Number(preferred), mostSecs);
  reply.header('preference-applied', `wait=${secs}`);
  return secs * 1000;
}
