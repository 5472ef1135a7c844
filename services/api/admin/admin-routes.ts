import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import { replayRate } from '../../history/rules/replay-rate.ts';
import type { RebuildProgress, RebuildReport } from '../../projector/rebuild-models.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';

const Sums = Type.Record(Type.String(), Type.String());

const report = {
  seq: Type.Integer(),
  duration_ms: Type.Integer(),
  equal: Type.Boolean({
    description: 'what was built equals what served, and with verify its two replays equal each other',
  }),
  switched: Type.Boolean({ description: 'whether what was built serves now' }),
  differs: Type.Array(Type.String(), { description: 'tables in which two replays of the same events differ' }),
  before: Sums,
  after: Sums,
};

const Rebuilding = Type.Object({
  seq: Type.Integer(),
  target: Type.Integer(),
  pass: Type.Integer({ description: 'which replay of the events this is' }),
  passes: Type.Integer(),
  elapsed_ms: Type.Integer(),
  per_sec: Type.Integer(),
  eta_secs: nullable(Type.Integer()),
});

/** What only an admin may do beside tokens. */
export const adminRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.post(
    '/admin/rebuild',
    {
      schema: {
        summary:
          'Build the read models anew from the first event, beside the serving ones; `verify`: twice, to compare',
        body: Type.Optional(nullable(Type.Object({ verify: Type.Optional(Type.Boolean()) }))),
        response: { 200: success(report) },
      },
    },
    async (request, reply) => {
      mustBeAdmin(callerOf(request));
      return once(request, reply, deps, async () => ({
        ok: true as const,
        ...shownReport(await models.rebuild({ verify: request.body?.verify ?? false })),
      }));
    },
  );
  app.get(
    '/admin/rebuild',
    {
      schema: {
        summary: 'How far a rebuild is that runs now, and what the last one of this process came to',
        response: { 200: success({ rebuilding: nullable(Rebuilding), last: nullable(Type.Object(report)) }) },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      const { rebuilding, rebuilt } = models.status();
      return {
        ok: true as const,
        rebuilding: rebuilding && shownProgress(rebuilding),
        last: rebuilt && shownReport(rebuilt),
      };
    },
  );
};

function shownReport({ seq, durationMs, before, after, switched, differs }: RebuildReport) {
  const equal = switched && JSON.stringify(before) === JSON.stringify(after);
  return { seq, duration_ms: Math.round(durationMs), equal, switched, differs: [...differs], before, after };
}

function shownProgress(progress: RebuildProgress) {
  const { seq, target, pass, passes, startedAtMs } = progress;
  const elapsedMs = Math.round(performance.now() - startedAtMs);
  const { perSec, etaSecs } = replayRate(progress, elapsedMs);
  return { seq, target, pass, passes, elapsed_ms: elapsedMs, per_sec: perSec, eta_secs: etaSecs };
}
