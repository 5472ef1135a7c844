import { Type } from '@sinclair/typebox';
import type { PatchDoc } from '../../../projections/patch-document.ts';
import { AppError } from '../../floor/app-error.ts';
import { KeySet, keySetOf } from '../../statements/rules/key-set.ts';
import { ProofPredicate } from '../../statements/rules/proof-predicate.ts';
import { callerOf } from '../authenticate.ts';
import type { Routes } from '../define.ts';
import { ownPatch } from './patch-routes.ts';

/** What was proven, signed; and by what it can be checked. Keys and schema are for everybody on the LAN. */
export const statementRoutes: Routes = (app, deps) => {
  const { models, log } = deps;
  app.get(
    '/patches/:id/statement',
    {
      schema: {
        summary: 'The signed statement of a proof: an in-toto bundle, one DSSE envelope a line',
        params: Type.Object({ id: Type.String() }),
        produces: ['application/x-ndjson'],
      },
    },
    async (request, reply) => {
      const patch = ownPatch(request.params.id, callerOf(request), deps);
      const stated = await log.last('ProofStated', patch.id);
      if (!stated) throw new AppError('not_found', whyNothing(patch));
      return reply.type('application/x-ndjson').header('x-content-sha256', stated.data.digest).send(stated.data.bundle);
    },
  );
  app.get(
    '/.well-known/crafting-table-keys.json',
    {
      schema: {
        summary: 'The public keys with which this farm signs, and has signed (JWKS)',
        security: [],
        response: { 200: KeySet },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'max-age=60');
      return keySetOf(models.query().signingKeys.list());
    },
  );
  app.get(
    '/schemas/proof-v1.json',
    {
      schema: {
        summary: 'JSON Schema of the predicate urn:crafting-table:proof:v1',
        security: [],
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    async () => JSON.parse(JSON.stringify(ProofPredicate)) as Record<string, unknown>,
  );
};

/** A statement names the commit that is pushed: what is proven and goes nowhere has none. */
function whyNothing({ id, status, verify_only, evidence, open }: PatchDoc): string {
  if (verify_only && status === 'proven')
    return `Nothing of this attempt was stated: it was proven, but nothing was to be pushed, and a statement is about a commit that is. GET /patches/${id} has the evidence.`;
  if (evidence !== null && status !== 'verify_failed')
    return `Nothing of this attempt was stated yet: a statement is made when its commit is pushed, and it is ${status}.`;
  return `Nothing of this attempt was stated: it ${open ? `is not proven yet (${status})` : `was not proven (${status})`}.`;
}
