import { Type } from '@sinclair/typebox';
import { AppError } from '../app-error.ts';
import { callerOf } from './authenticate.ts';
import { type Routes, success } from './define.ts';
import { once } from './idempotency.ts';

const Sums = Type.Record(Type.String(), Type.String());

/** What only an admin may do beside tokens. */
export const adminRoutes: Routes = (app, deps) => {
  const { models } = deps;
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
    async (request, reply) => {
      if (!callerOf(request).isAdmin)
        throw new AppError('forbidden', 'Only an admin bearer may do this.', { name: 'admin_only' });
      return once(request, reply, deps, async () => {
        const { seq, durationMs, before, after } = await models.rebuild();
        const equal = JSON.stringify(before) === JSON.stringify(after);
        return { ok: true as const, seq, duration_ms: durationMs, equal, before, after };
      });
    },
  );
};
