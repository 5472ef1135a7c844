import { Type } from '@sinclair/typebox';
import { messageOf } from '../app-error.ts';
import { everyProject, overdueDigest } from '../decisions/digest/due-digests.ts';
import { type ApiDeps, type Routes, success } from './define.ts';
import { metricsText } from './metrics.ts';

/** Events that the read model may be behind before the service says that it is not ready. */
const lagLimit = 5_000;

/** Liveness, readiness and metrics: for everybody on the LAN, without a bearer. */
export const healthRoutes: Routes = (app, deps) => {
  const { models, version, durability } = deps;
  app.get(
    '/healthz',
    {
      schema: {
        summary: 'Liveness and what the runner is doing',
        security: [],
        response: {
          200: success({
            status: Type.Literal('ok'),
            version: Type.String(),
            seq: Type.Integer(),
            runner: Type.Unknown(),
            jobs: Type.Unknown(),
          }),
        },
      },
    },
    async () => ({
      ok: true as const,
      status: 'ok' as const,
      version,
      seq: models.seq(),
      runner: deps.runner(),
      jobs: models.query().jobs.active(),
    }),
  );
  app.get(
    '/readyz',
    { schema: { summary: 'Readiness: is the log reachable, has the read model caught up', security: [] } },
    async (_request, reply) => {
      const checks = await readiness(deps);
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503);
      return { ok: ready, status: ready ? 'ready' : 'not ready', durability, checks };
    },
  );
  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus text', security: [], produces: ['text/plain'] } },
    async (_request, reply) => {
      const { text, contentType } = await metricsText(deps);
      return reply.header('content-type', contentType).send(text);
    },
  );
};

async function readiness(deps: ApiDeps) {
  const { log, models } = deps;
  const { seq, stopped, rebuilding } = models.status();
  const end = await log.end().catch((error: unknown) => messageOf(error));
  const reachable = typeof end === 'number';
  return [
    { name: 'log', ok: reachable, detail: reachable ? `at ${end}` : end },
    { name: 'projector', ok: stopped === null, detail: stopped ?? 'follows the log' },
    {
      name: 'read-model',
      ok: !reachable || end - seq <= lagLimit,
      detail: rebuilding ? `at ${seq}, rebuilding at ${rebuilding.seq} of ${rebuilding.target}` : `at ${seq}`,
    },
    ...(deps.guests.reach ? [{ name: 'nats', ok: true, detail: deps.guests.reach }] : []),
    ...(deps.outside?.warning() ? [{ name: 'restore', ok: true, detail: deps.outside.warning() ?? '' }] : []),
    ...(deps.config.smtp ? [{ name: 'digest', ok: true, detail: digestWords(deps) }] : []),
  ];
}

/** A digest that was not sent is said aloud; the service is as ready as ever. */
function digestWords(deps: ApiDeps): string {
  const { clock, config, models } = deps;
  const overdue = overdueDigest(clock.now(), config, everyProject(models.query().projects), models.query().digests);
  return overdue === null ? 'nothing is overdue' : `the digest of ${overdue.date} is overdue: ${overdue.reason}`;
}
