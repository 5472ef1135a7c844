import { Type } from '@sinclair/typebox';
import { oneOf } from '../../../events/fields.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { rolledBack } from '../../checkpoints/kept-anchor.ts';
import { everyProject, overdueDigest } from '../../digester/rules/due-digests.ts';
import { messageOf } from '../../floor/app-error.ts';
import { freedWords } from '../../io/disk/free-room.ts';
import { missingRoles, roleHolders } from '../../roles/role-leases.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { waitingJobs } from '../jobs/waiting-jobs.ts';
import { type RunnerFacts, runnerFacts } from '../nodes/farm-runners.ts';
import { metricsText } from './metrics.ts';

/** Events that the read model may be behind before the service says that it is not ready. */
const lagLimit = 5_000;

const Readiness = Type.Object({
  ok: Type.Boolean(),
  status: oneOf(['ready', 'not ready']),
  durability: Type.String(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});

/** Liveness, readiness and metrics: for everybody on the LAN, without a bearer. */
export const healthRoutes: Routes = (app, deps) => {
  const waiting = waitingJobs(deps.leases);
  const roles = roleHolders(deps.leases);
  const runner = runnerFacts(deps);
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
      runner: await runner(),
      jobs: models.query().jobs.active(),
    }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Readiness: is the log reachable, has the read model caught up',
        security: [],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const checks = [
        ...(await readiness(deps, await runner())),
        ...(await runnersCheck(waiting, deps)),
        ...(await rolesCheck(roles)),
      ];
      const ready = checks.every(({ ok }) => ok);
      reply.code(ready ? 200 : 503);
      return { ok: ready, status: ready ? ('ready' as const) : ('not ready' as const), durability, checks };
    },
  );
  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus text', security: [], produces: ['text/plain'] } },
    async (_request, reply) => {
      const { text, contentType } = await metricsText({ ...deps, roles });
      return reply.header('content-type', contentType).send(text);
    },
  );
};

async function readiness(deps: ApiDeps, runner: RunnerFacts | null) {
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
    ...(await checkpointCheck(deps)),
    ...diskCheck(deps),
    ...(deps.accounts.reach ? [{ name: 'nats', ok: true, detail: deps.accounts.reach }] : []),
    ...(deps.outside?.warning() ? [{ name: 'restore', ok: true, detail: deps.outside.warning() ?? '' }] : []),
    ...sandboxCheck(runner),
    ...(deps.config.smtp ? [{ name: 'digest', ok: true, detail: digestWords(deps) }] : []),
  ];
}

/** A log that lost what a checkpoint vouched for. One that was restored is vouched for anew by the first beat. */
async function checkpointCheck({ log, config: { dataDir } }: ApiDeps) {
  const lost = await rolledBack({ log, dataDir }).catch(() => null);
  return lost === null ? [] : [{ name: 'checkpoint', ok: false, detail: lost }];
}

/** Who runs jobs, and what queued ones wait for; a farm without a runner is as ready as ever to take them. */
async function runnersCheck({ runners, reason }: ReturnType<typeof waitingJobs>, { models, runner }: ApiDeps) {
  const live = await runners().catch(() => null);
  if (live === null) return [];
  const page = models.query().jobs.pageBytes({
    owner: null,
    project: null,
    status: 'queued',
    before: Number.MAX_SAFE_INTEGER,
    limit: 100,
  });
  const queued = JSON.parse(`[${page.docs}]`) as JobDoc[];
  const reasons = (await Promise.all(queued.map(reason))).filter((one) => one !== null);
  const words = [...new Set(reasons)].slice(0, 5).join('; ');
  const refusal = runner()?.refusal;
  const detail = [
    `${live.length} live`,
    ...(reasons.length > 0 ? [`${reasons.length} of the newest queued jobs wait: ${words}`] : []),
    ...(refusal ? [refusal] : []),
  ];
  return [{ name: 'runners', ok: true, detail: detail.join('; ') }];
}

/**
 * Which roles nobody has. The service is as ready as ever to take what they will do: it waits for them, and this is where one
 * sees why.
 */
async function rolesCheck(holders: ReturnType<typeof roleHolders>) {
  const living = await holders().catch(() => null);
  if (living === null || living.length === 0) return [];
  const missing = missingRoles(living);
  const detail =
    missing.length === 0 ? 'each has a living process' : `no living process has the role ${missing.join(', ')}`;
  return [{ name: 'roles', ok: true, detail }];
}

function diskCheck({ disk }: ApiDeps) {
  if (!disk) return [];
  const { dir, free, floor } = disk.least();
  const shortage = disk.shortage();
  const plenty = `${Math.floor(free / 2 ** 20)} MB are free at ${dir}; below ${Math.floor(floor / 2 ** 20)} MB no new work is taken`;
  const last = disk.last?.();
  const detail = `${shortage ?? plenty}${last ? `; ${freedWords(last)}` : ''}`;
  return [{ name: 'disk', ok: shortage === null, detail }];
}

/** The sandbox of runners: as good as their machines give, or as the operator demands, or they had not started. */
function sandboxCheck(runner: RunnerFacts | null) {
  return runner
    ? [{ name: 'sandbox', ok: true, detail: `${runner.sandbox}, held together by ${runner.containment}` }]
    : [];
}

/** A digest that was not sent is said aloud; the service is as ready as ever. */
function digestWords(deps: ApiDeps): string {
  const { clock, config, models } = deps;
  const overdue = overdueDigest(clock.now(), config, everyProject(models.query().projects), models.query().digests);
  return overdue === null ? 'nothing is overdue' : `the digest of ${overdue.date} is overdue: ${overdue.reason}`;
}
