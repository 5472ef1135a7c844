import type { FastifyInstance } from 'fastify';

type Count = {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  requests: number;
  seconds: number;
};

/** Requests by route, method and status, since start. */
export type RequestCounts = {
  add(route: string, method: string, status: number, seconds: number): void;
  all(): Iterable<Count>;
};

export function requestCounts(): RequestCounts {
  const counts = new Map<string, Count>();
  return {
    all: () => counts.values(),
    add: (route, method, status, seconds) => {
      const key = `${method} ${status} ${route}`;
      let count = counts.get(key);
      if (!count) {
        count = { route, method, status, requests: 0, seconds: 0 };
        counts.set(key, count);
      }
      count.requests += 1;
      count.seconds += seconds;
    },
  };
}

/** Counts by the route's pattern, never by the address: addresses are endless. */
export function countRequests(app: Pick<FastifyInstance, 'addHook'>, counts: RequestCounts): void {
  app.addHook('onResponse', (request, reply, done) => {
    counts.add(request.routeOptions.url ?? 'unknown', request.method, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}
