import type { FastifyRequest } from 'fastify';
import { basePathOf } from '../base-path.ts';

type Asked = Pick<FastifyRequest, 'headers' | 'host' | 'protocol'>;

/** Cookies know no ports: two farms of one host would sign each other out under one name. */
function nameOf({ host }: Pick<Asked, 'host'>): string {
  const port = /:(\d+)$/.exec(host)?.[1];
  return port === undefined ? 'crafting_session' : `crafting_session_${port}`;
}

/** The id of the session that a browser shows, or null. */
export function sessionIdIn(request: Asked): string | null {
  const text = request.headers.cookie;
  if (text === undefined || text.length > 8192) return null;
  const start = `${nameOf(request)}=`;
  const found = text
    .split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(start));
  const id = found?.slice(start.length) ?? '';
  return /^[\w-]{20,128}$/.test(id) ? id : null;
}

/** `Set-Cookie` of a session; without an id, the one that takes the cookie away. RFC 6265bis. */
export function sessionCookie(
  request: Asked,
  publicUrl: string | null,
  { id, maxAgeSecs }: { id: string; maxAgeSecs: number } = { id: '', maxAgeSecs: 0 },
): string {
  const own = publicUrl === null ? null : new URL(publicUrl);
  const secure = request.protocol === 'https' || (own?.protocol === 'https:' && own.host === request.host);
  const where = `Path=${basePathOf(publicUrl) || '/'}; Max-Age=${maxAgeSecs}`;
  return `${nameOf(request)}=${id}; ${where}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
