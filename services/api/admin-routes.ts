import { Type } from '@sinclair/typebox';
import { AppError } from '../app-error.ts';
import { callerOf } from './authenticate.ts';
import { type Routes, success } from './define.ts';

const Sums = Type.Record(Type.String(), Type.String());

/** What only an admin may do beside tokens. */
export const adminRoutes: Routes = (app, { models }) => {
  app.post(
    '/admin/rebuild',
    {
      schema: {
        summary: 'Build the read models anew from the first event, beside the serving ones',
        response: {
          200: success({
            seq: Type.Integer(),
            duration_ms: Type.Integer(),
            equal: Type.Boolean(),
            before: Sums,
            after: Sums,
          }),
        },
      },
    },
    async (request) => {
      if (!callerOf(request).isAdmin)
        throw new AppError('forbidden', 'Only an admin bearer may do this.', { name: 'admin_only' });
      const { seq, durationMs, before, after } = await models.rebuild();
      return {
        ok: true as const,
        seq,
        duration_ms: durationMs,
        equal: JSON.stringify(before) === JSON.stringify(after),
        before,
        after,
      };
    },
  );
};
