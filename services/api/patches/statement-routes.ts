import { Type } from '@sinclair/typebox';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError } from '../../floor/app-error.ts';
import { KeySet, keySetOf } from '../../statements/rules/key-set.ts';
import { ProofPredicate } from '../../statements/rules/proof-predicate.ts';
import { patienceOf, Wait } from '../answers/patience.ts';
import { callerOf } from '../authenticate.ts';
import type { ApiDeps, Routes } from '../define.ts';
import { ownPatch } from './patch-routes.ts';

/** What was proven, signed; and by what it can be checked. Keys and schema are for everybody on the LAN. */
export const statementRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.get(
    '/patches/:id/statement',
    {
      schema: {
        summary: 'The signed statement of a proof: an in-toto bundle, one DSSE envelope a line',
        params: Type.Object({ id: Type.String() }),
        querystring: Type.Object({ wait: Wait }),
        produces: ['application/x-ndjson'],
      },
    },
    async (request, reply) => {
      const patch = ownPatch(request.params.id, callerOf(request), deps);
      const stated = await statedWithin(patienceOf(request, reply), patch, deps);
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

/** What was proven is stated right after, so that who waits for the proof waits for that as well. */
export async function statedWithin(patienceMs: number, { id, evidence }: PatchDoc, { models, log }: ApiDeps) {
  const look = () => log.last('ProofStated', id);
  const found = await look();
  if (found || evidence === null || patienceMs <= 0) return found;
  const { promise, resolve } = Promise.withResolvers<void>();
  const lookAgain = () => void look().then((now) => now && resolve(), resolve);
  const stop = models.onCommit(lookAgain);
  const timer = setTimeout(resolve, patienceMs);
  lookAgain();
  await promise;
  clearTimeout(timer);
  stop();
  return look();
}

function whyNothing({ id, status, verify_only, evidence, open }: PatchDoc): string {
  if (verify_only && status === 'proven')
    return `Nothing of this attempt was stated yet: it is signed right after the proof; ask again, with ?wait=10. GET /patches/${id} has the evidence.`;
  if (evidence !== null && status !== 'verify_failed')
    return `Nothing of this attempt was stated yet: a statement is made when its commit is pushed, and it is ${status}.`;
  return `Nothing of this attempt was stated: it ${open ? `is not proven yet (${status})` : `was not proven (${status})`}.`;
}
