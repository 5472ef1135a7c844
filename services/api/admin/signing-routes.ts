import { Type } from '@sinclair/typebox';
import { rotateSigningKey } from '../../statements/farm-signature.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';

/** The key with which the farm signs. */
export const signingRoutes: Routes = (app, deps) => {
  app.post(
    '/admin/signing-key/rotate',
    {
      schema: {
        summary: 'Sign with a new key from now on; what was signed with earlier ones stays good',
        response: { 200: success({ key_id: Type.String() }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { key_id, seq } = await rotateSigningKey(callerOf(request).name, deps);
        await visible(deps.models, seq, reply, 200);
        return { ok: true as const, key_id };
      }),
  );
};
