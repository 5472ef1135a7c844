import { type Static, Type } from '@sinclair/typebox';
import { closed, nullable, oneOf } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import { KnownFinding, Suppression } from '../../documents/finding-schema.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type RouteDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { changes, foundBy, mostAtOnce, type Triage, triageAll, undoOf } from './bulk-findings.ts';
import { findingFilter, searchOf } from './finding-filter.ts';
import { ownFinding, timeOf } from './finding-routes.ts';

const Assignee = nullable(Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }));
const Bulk = closed({
  action: oneOf(['suppress', 'unsuppress', 'assign']),
  ids: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: mostAtOnce })),
  filter: Type.Optional(closed(findingFilter)),
  reason: Type.Optional(Suppression.properties.reason),
  until: Suppression.properties.until,
  assignee: Type.Optional(Assignee),
  dry_run: Type.Optional(Type.Boolean()),
});
const Done = success({
  batch: nullable(Type.String({ description: 'undoes it: POST /findings/bulk/{batch}/undo; null for a preview' })),
  matched: Type.Integer(),
  changed: Type.Integer({ description: 'of these; the rest is so already, or was changed by somebody else meanwhile' }),
  by_severity: Type.Record(Type.String(), Type.Integer()),
  sample: Type.Array(KnownFinding, { description: 'the first 20 that change' }),
});

/** Many findings at once: a preview, one request, one undo. */
export const bulkRoutes: Routes = (app, deps) => {
  app.post(
    '/findings/bulk',
    {
      schema: {
        summary: 'Suppress, unsuppress or assign many findings, by id or by a filter; `dry_run` says what would change',
        body: Bulk,
        response: { 200: Done },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async (batch) => {
        const caller = callerOf(request);
        const triage = triageIn(request.body, deps.clock.now());
        const docs = await meant(request.body, caller, deps);
        const changing = docs.filter((doc) => changes(doc, triage));
        if (request.body.dry_run) return answerOf(null, docs, changing, changing.length);
        const { changed, seq } = await triageAll(changing, () => triage, { caller, batch, deps });
        if (seq > 0) await visible(deps.models, seq, reply, 200);
        const done = new Set(changed);
        const now = changing.filter(({ id }) => done.has(id)).map((doc) => again(doc, deps));
        return answerOf(changed.length > 0 ? batch : null, docs, now, changed.length);
      }),
  );
  app.post(
    '/findings/bulk/:batch/undo',
    {
      schema: {
        summary: 'Take such a request back, where nothing else was decided of a finding since',
        params: Type.Object({ batch: Type.String({ maxLength: 64 }) }),
        response: { 200: Done },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { batch } = request.params;
        const docs = foundBy({ owner: caller.owner, among: caller.projects, of: {}, batch }, deps);
        if (docs.length === 0)
          throw new AppError('not_found', 'No finding was changed last by such a request.', { name: 'no_such_batch' });
        const { changed, seq } = await triageAll(docs, (doc) => undoOf(doc, deps), { caller, batch: null, deps });
        if (seq > 0) await visible(deps.models, seq, reply, 200);
        const done = new Set(changed);
        const now = docs.filter(({ id }) => done.has(id)).map((doc) => again(doc, deps));
        return answerOf(null, docs, now, changed.length);
      }),
  );
  app.post(
    '/findings/:id/assign',
    {
      schema: {
        summary: 'Say who is to look after a finding; null for nobody',
        params: Type.Object({ id: Type.String() }),
        body: closed({ assignee: Assignee }),
        response: { 200: success({ finding: KnownFinding }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const doc = ownFinding(request.params.id, caller, deps);
        const assignee = meAs(request.body.assignee, caller);
        const triage: Triage = { action: 'assign', assignee };
        const { seq } = await triageAll([doc], () => triage, { caller, batch: null, deps });
        if (seq > 0) await visible(deps.models, seq, reply, 200);
        return { ok: true as const, finding: ownFinding(request.params.id, caller, deps) };
      }),
  );
};

const meAs = (assignee: string | null, { name }: Caller) => (assignee === 'me' ? name : assignee);

function triageIn({ action, reason, until = null, assignee }: Static<typeof Bulk>, nowMs: number): Triage {
  if (action === 'suppress') {
    if (reason === undefined) throw bodyFault('reason', 'is needed to suppress: say why');
    return { action, reason, until: until === null ? null : timeOf(until, nowMs) };
  }
  if (action === 'unsuppress') return { action };
  if (assignee === undefined) throw bodyFault('assignee', 'is needed to assign; null for nobody');
  return { action, assignee };
}

/** The findings that are meant and the caller's; others are not there. Throws AppError('too_large') for too many. */
async function meant({ ids, filter }: Static<typeof Bulk>, caller: Caller, deps: RouteDeps): Promise<FindingDoc[]> {
  if ((ids === undefined) === (filter === undefined)) throw bodyFault('ids', 'expected either ids or filter');
  const view = { models: deps.models, shows: () => true, until: Number.POSITIVE_INFINITY };
  const search = await searchOf(filter ?? {}, { view, caller }, deps);
  return foundBy(ids === undefined ? search : { ...search, ids }, deps);
}

function answerOf(batch: string | null, docs: readonly unknown[], changing: readonly FindingDoc[], changed: number) {
  const by_severity: Record<string, number> = {};
  for (const { severity } of changing) by_severity[severity] = (by_severity[severity] ?? 0) + 1;
  return { ok: true as const, batch, matched: docs.length, changed, by_severity, sample: changing.slice(0, 20) };
}

const again = (doc: FindingDoc, { models }: RouteDeps): FindingDoc => models.query().findings.find(doc.id) ?? doc;
