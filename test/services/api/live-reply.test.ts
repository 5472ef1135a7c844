import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiDeps } from '../../../services/api/define.ts';
import { streamEvents } from '../../../services/api/live/event-stream.ts';
import { followLog } from '../../../services/api/live/follow-log.ts';
import { openTail } from '../../../services/api/live/live-tail.ts';
import { openSeats } from '../../../services/api/live/seats.ts';
import { silent } from '../../../services/io/log.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply, deps: ApiDeps) => Promise<unknown>;
const asked = { start: 1, form: 'sse', live: true, positions: false, wanted: () => true, key: '' } as const;
const handlers: Readonly<Record<string, Handler>> = {
  'events that are followed': (request, reply, deps) =>
    streamEvents(asked, request, reply, { ...deps, tail: openTail(deps) }),
  'a log that is followed': (request, reply, deps) => followLog('a job', request, reply, deps),
};

for (const [what, handle] of Object.entries(handlers))
  test(`nothing goes on for a reader who has gone before the answer begins: ${what}`, async () => {
    const app = fastify();
    const heard: (() => void)[] = [];
    const models = {
      seq: () => 0,
      onCommit: (listener: () => void) => {
        heard.push(listener);
        return () => heard.splice(heard.indexOf(listener), 1);
      },
      query: () => ({ jobs: { find: () => null } }),
    };
    const follow = async () => ({ stop: async () => {} });
    const parts = { log: { follow }, logs: { follow, read: follow }, models, logger: silent, seats: openSeats() };
    const answered = Promise.withResolvers<void>();
    app.get('/', async (request, reply) => {
      Object.assign(request, { caller: { name: 'ann' } });
      // As a hook does that asks the server for the session.
      await once(reply.raw, 'close');
      await handle(request, reply, parts as unknown as ApiDeps).finally(answered.resolve);
      return reply;
    });
    try {
      const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
      const socket = connect(Number(port), hostname);
      socket.write('GET / HTTP/1.1\r\nhost: farm\r\n\r\n', () => socket.end());
      await answered.promise;
      assert.deepEqual(heard, []);
    } finally {
      await app.close();
    }
  });
