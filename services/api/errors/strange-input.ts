import type { FastifyRequest } from 'fastify';
import { halfPair, strangeText } from '../../../events/strange-text.ts';
import { AppError } from '../../floor/app-error.ts';

/**
 * Text that other programs cannot read is refused wherever it stands in a request: once stored, it would break every answer
 * that shows it. Messages of MCP are looked at where their tools are, which have an answer of their own for it.
 */
export function strangeInput({ body, params, query, routeOptions: { url } }: FastifyRequest): AppError | null {
  const faults = [
    ...strangeText(params, '/params', halfPair),
    ...strangeText(query, '/querystring', halfPair),
    ...(url === '/mcp' ? [] : strangeText(body, '/body')),
  ];
  const [first] = faults;
  return first ? new AppError('invalid', `${first.path}: ${first.message}`, { faults: faults.slice(0, 20) }) : null;
}

/** Says where a body stops being UTF-8. `decoded` is the body with U+FFFD in such places. */
export function notUtf8(body: Buffer, decoded: string): AppError {
  let at = 0;
  for (const part of decoded.split('\ufffd').slice(0, -1)) {
    at += Buffer.byteLength(part);
    // One that was sent as such is text.
    if (!body.subarray(at, at + 3).equals(replacement)) break;
    at += 3;
  }
  return new AppError('invalid', `The body is not text in UTF-8: the byte at ${at} begins no character.`);
}

const replacement = Buffer.from('\ufffd');
