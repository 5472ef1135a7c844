import { Type } from '@sinclair/typebox';
import { backupOf } from '../../backup/make-backup.ts';
import { Comparison } from '../../backup/outside-report.ts';
import { makeCheckpoint } from '../../checkpoints/make-checkpoint.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { takeOver, writeTo } from '../live/live-reply.ts';

/** How long a reader of a backup may take nothing, in ms: one that has gone to sleep keeps all others out. */
const patience = 120_000;

/** Backups, and what is asked after a restore. */
export const backupRoutes: Routes = (app, deps) => {
  const { outside = null, version, logger } = deps;
  const checkpoint = () => makeCheckpoint('backup', { ...deps, dataDir: deps.config.dataDir });
  let taking = false;
  app.get(
    '/admin/backup',
    {
      schema: {
        summary: 'A backup of the running farm as a tar, one at a time; with `with_logs=1` also what jobs printed',
        querystring: Type.Object({ with_logs: Type.Optional(Type.Union([Type.Literal('1'), Type.Literal('0')])) }),
        produces: ['application/x-tar'],
      },
      config: { rateLimit: false },
    },
    async (request, reply) => {
      mustBeAdmin(callerOf(request));
      if (taking) throw new AppError('conflict', 'A backup is being taken; take the next one after it.');
      const headers = { 'content-type': 'application/x-tar', 'cache-control': 'no-store' };
      const raw = takeOver(request, reply, { headers });
      if (!raw) return reply;
      taking = true;
      raw.setTimeout(patience, () => raw.destroy());
      try {
        for await (const chunk of backupOf(
          { ...deps, checkpoint },
          {
            version,
            withLogs: request.query.with_logs === '1',
            madeAt: new Date(deps.clock.now()),
          },
        )) {
          await writeTo(raw, chunk);
          if (raw.destroyed) throw new Error('the reader has gone');
        }
        raw.end();
      } catch (error) {
        // Without its manifest it is no backup, and whoever reads it sees the connection break.
        logger.warn({ error: messageOf(error) }, 'a backup could not be sent whole');
        raw.destroy();
      } finally {
        taking = false;
      }
      return reply;
    },
  );
  app.post(
    '/admin/compare',
    {
      schema: {
        summary: 'Compare branches, pull requests and work trees with the log, as after a restore; changes nothing',
        response: { 200: success(Comparison) },
      },
    },
    async (request, reply) => {
      mustBeAdmin(callerOf(request));
      return once(request, reply, deps, async () => {
        if (outside === null) throw new AppError('unavailable', 'This process compares nothing.');
        return { ok: true as const, ...(await outside.compare()) };
      });
    },
  );
};
