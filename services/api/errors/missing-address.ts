import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { AppError } from '../../floor/app-error.ts';

/** Makes what is answered where no route is; an address that has other methods names them (RFC 9110, 15.5.6). */
export function missesOf(routes: readonly RouteOptions[]) {
  let known: ReturnType<typeof patternsOf> | undefined;
  return ({ method, url }: FastifyRequest, reply: FastifyReply): AppError => {
    known ??= patternsOf(routes);
    const [path = ''] = url.split('?', 1);
    const methods = known.filter(({ pattern }) => pattern.test(path)).flatMap((one) => one.methods);
    if (methods.length === 0) return new AppError('not_found', 'There is nothing at this address.');
    const allowed = [...new Set(methods)].sort().join(', ');
    reply.header('allow', allowed);
    return new AppError('not_found', `There is no ${method} at this address, only ${allowed}.`, {
      name: 'method_not_allowed',
    });
  };
}

function patternsOf(routes: readonly RouteOptions[]) {
  return routes
    .filter(({ url }) => !url.includes('*'))
    .map(({ url, method }) => ({
      pattern: new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}/?$`),
      methods: [method].flat(),
    }));
}
