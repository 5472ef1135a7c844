import type { Api } from './api-app.ts';

/** Where a proxy keeps the service, such as `/farm`; empty at the root of its host. */
export function basePathOf(publicUrl: string | null): string {
  return publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** The same address as the routes know it: some proxies take the path away, some leave it. */
export function withoutBase(url: string, base: string): string {
  if (!url.startsWith(base)) return url;
  const rest = url.slice(base.length);
  if (rest === '') return '/';
  if (rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/** A `Location` is followed by who came through the proxy. */
export function keepBaseInLocations(app: Pick<Api, 'addHook'>, base: string): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/')) reply.header('location', `${base}${location}`);
    done(null, payload);
  });
}
