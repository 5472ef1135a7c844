import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import { KnownFinding, Suppression } from '../../documents/finding-schema.ts';
import { HistoryEntry } from '../../documents/history-entry.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { instantOf } from '../../floor/instant.ts';
import { decisionOn } from '../../projector/decision.ts';
import { At, isPast, readyAnswers, type Seeing, viewAt } from '../answers/ready-answer.ts';
import { sequenceAt } from '../answers/sequence-at.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { findingFilter, isLasting, searchOf } from './finding-filter.ts';
import { historyOf } from './finding-history.ts';
import { Facets, foundPage, listOptions } from './finding-list.ts';

const byId = Type.Object({ id: Type.String() });

const Patching = Type.Object(
  {
    actionable: Type.Boolean({ description: 'a patch can be asked for' }),
    methods: Type.Array(Type.String(), { description: 'by which it may be mended, the cheapest first' }),
    reason: nullable(Type.String({ description: 'why not, as a word' })),
    detail: nullable(Type.String({ description: 'why not, as a sentence' })),
  },
  { title: 'Patching', description: 'whether a patch of it can be asked for now; null of the past' },
);

/** Findings: over all jobs, one with its history; suppressed with a reason. */
export const findingRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  const answer = readyAnswers(deps);
  app.get(
    '/findings',
    {
      schema: {
        summary: 'Findings over all jobs, newest first unless sorted; with facets their counts',
        querystring: Type.Object({
          ...pageQuery,
          ...listOptions,
          ...findingFilter,
          at: At,
        }),
        response: {
          200: success({
            findings: Type.Array(KnownFinding),
            next_cursor: NextCursor,
            total: Type.Optional(Type.Integer({ description: 'of all pages; with facets' })),
            facets: Type.Optional(Facets),
          }),
        },
      },
    },
    async (request, reply) =>
      answer(request, reply, async (view, caller) => {
        const { limit = 50, cursor, sort, facets, at: _, ...filter } = request.query;
        const [name, ...more] = [filter.project ?? []].flat().flatMap((one) => one.split(','));
        if (name !== undefined && more.length === 0 && !isPast(view)) ownProject(name, caller, view);
        const search = await searchOf(filter, { view, caller }, deps);
        const json = foundPage(search, view, { limit, ...given({ sort, facets, cursor }) });
        // Ages, deadlines and files of a repository move while the read model stands still.
        return { json, lasts: isLasting(filter) };
      }),
  );
  app.get(
    '/findings/:id',
    {
      schema: {
        summary: 'A finding with its history',
        params: byId,
        querystring: Type.Object({ at: At }),
        response: {
          200: success({ finding: KnownFinding, history: Type.Array(HistoryEntry), patching: nullable(Patching) }),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const view = await viewAt(request.query.at, { caller, reply }, deps);
      const finding = ownFinding(request.params.id, caller, view);
      const history = (await historyOf(finding.identity, log)).filter(({ seq }) => seq <= view.until);
      const project = models.query().projects.find(finding.project);
      const { outlookOf } = await import('../../attempts/waiting-attempts.ts');
      const patching = isPast(view) || !project ? null : outlookOf(finding, project, { ...deps, query: models.query });
      return { ok: true as const, finding, history, patching };
    },
  );
  app.post(
    '/findings/:id/suppress',
    {
      schema: {
        summary: 'Live with a finding, for a reason',
        params: byId,
        body: Suppression,
        response: { 200: success({ finding: KnownFinding }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { identity } = ownFinding(request.params.id, caller, deps);
        const { reason, until = null } = request.body;
        const decision = await decisionOn('FindingSuppressed', identity, deps);
        const { project, id } = ownFinding(request.params.id, caller, { models: decision });
        const data = {
          identity,
          project,
          by: caller.name,
          reason,
          until: until === null ? null : timeOf(until, deps.clock.now()),
        };
        const { seq } = await decision.append(data);
        await visible(models, seq, reply, 200);
        return { ok: true as const, finding: ownFinding(String(id), caller, deps) };
      }),
  );
  app.post(
    '/findings/:id/unsuppress',
    {
      schema: {
        summary: 'Take a suppression back',
        params: byId,
        response: { 200: success({ finding: KnownFinding }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { identity } = ownFinding(request.params.id, caller, deps);
        const decision = await decisionOn('FindingUnsuppressed', identity, deps);
        const { project, id, state } = ownFinding(request.params.id, caller, { models: decision });
        if (state !== 'suppressed')
          throw new AppError('conflict', 'The finding is not suppressed.', { name: 'not_suppressed' });
        const { seq } = await decision.append({ identity, project, by: caller.name, reason: '' });
        await visible(models, seq, reply, 200);
        return { ok: true as const, finding: ownFinding(String(id), caller, deps) };
      }),
  );
  app.get(
    '/projects/:name/findings/diff',
    {
      schema: {
        summary: 'What appeared and what went between two sequences or times',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({
          from: Type.String({ maxLength: 64 }),
          to: Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: {
          200: success({
            from: Type.Integer(),
            to: Type.Integer(),
            appeared: Type.Array(KnownFinding),
            gone: Type.Array(KnownFinding),
          }),
        },
      },
    },
    async (request) => {
      const { name } = ownProject(request.params.name, callerOf(request), deps);
      const from = await sequenceAt(request.query.from, log);
      const to = request.query.to === undefined ? models.seq() : await sequenceAt(request.query.to, log);
      const { appeared, gone } = models.query().findings.changedBetween(name, from, to);
      return { ok: true as const, from, to, appeared: appeared.map(parsed), gone: gone.map(parsed) };
    },
  );
};

const parsed = (doc: string) => JSON.parse(doc) as FindingDoc;

/** The ones that were said: an absent option is left out. */
function given(options: { sort: string | undefined; facets: string | undefined; cursor: string | undefined }) {
  const { sort, facets, cursor } = options;
  return { ...(sort ? { sort } : {}), ...(facets ? { facets } : {}), ...(cursor ? { cursor } : {}) };
}

/** A finding that the caller may see; not there and somebody else’s look the same. */
export function ownFinding(id: string, caller: Caller, seeing: Seeing): FindingDoc {
  const none = () => new AppError('not_found', 'There is no such finding.');
  const finding = /^\d{1,15}$/.test(id) ? seeing.models.query().findings.find(Number(id)) : undefined;
  if (!finding) throw none();
  const project = seeing.models.query().projects.find(finding.project);
  if (!project || !sees(caller, finding.project, project.owner)) throw none();
  if (seeing.shows?.(finding.project) === false) throw none();
  return finding;
}

/** A time to come in our form: what ended before it began would suppress nothing. Throws AppError('invalid'). */
export function timeOf(text: string, nowMs: number): string {
  const time = instantOf(text);
  if (!time || time.getTime() <= nowMs) throw bodyFault('until', 'expected an ISO 8601 time to come');
  return time.toISOString();
}
