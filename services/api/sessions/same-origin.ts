import type { FastifyRequest } from 'fastify';
import { AppError } from '../../floor/app-error.ts';

type Asked = Pick<FastifyRequest, 'headers' | 'host' | 'method'>;

/** The header that only a script of the page itself can send: a form cannot, and another origin is not allowed to. */
const proofHeader = 'x-crafting-request';

/** Whether a browser says that another site makes this request. Without TLS browsers send no `Sec-Fetch-Site`. */
export function isFromElsewhere({ headers, host }: Pick<Asked, 'headers' | 'host'>, publicUrl: string | null): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  return origin !== undefined && !isOwn(origin, host, publicUrl);
}

/** What a session asks to change needs proof that the page asks: the browser's word, and a header. */
export function provenSameOrigin(request: Asked, publicUrl: string | null): AppError | null {
  if (request.method === 'GET' || request.method === 'HEAD') return null;
  const { headers } = request;
  const said = headers['sec-fetch-site'] === 'same-origin' || headers.origin !== undefined;
  if (said && headers[proofHeader] !== undefined && !isFromElsewhere(request, publicUrl)) return null;
  return new AppError(
    'forbidden',
    `A session changes something only from the pages of the farm: expected Sec-Fetch-Site: same-origin or their Origin, and the header ${proofHeader}.`,
    { name: 'cross_site' },
  );
}

function isOwn(origin: string, host: string, publicUrl: string | null): boolean {
  const url = URL.parse(origin);
  if (!url) return false;
  return url.host === host || (publicUrl !== null && url.origin === new URL(publicUrl).origin);
}
