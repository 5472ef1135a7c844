import { type Static, Type } from '@sinclair/typebox';
import { closed, oneOf } from '../../../events/fields.ts';
import { FilterName, type SavedFilter } from '../../../events/people/filter.ts';
import type { FilterDoc } from '../../../projections/people/filters.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { visible } from '../visible.ts';
import { findingFilter } from './finding-filter.ts';
import { listOptions } from './finding-list.ts';

/** Of one person or of one team. */
const mostFilters = 100;

const Of = oneOf(['me', 'team']);
const Filter = Type.Object(
  {
    name: Type.String(),
    of: Of,
    filter: Type.Unsafe<SavedFilter>(
      Type.Record(Type.String(), Type.Unknown(), { description: 'parameters of GET /findings' }),
    ),
    by: Type.String(),
    saved_at: Type.String(),
  },
  { title: 'SavedFilter' },
);
const Body = closed({ of: Of, filter: closed({ ...findingFilter, sort: listOptions.sort }) });
const params = Type.Object({ name: FilterName });

/** Filters of findings that people keep for themselves or for their team. */
export const filterRoutes: Routes = (app, deps) => {
  const { models } = deps;
  app.get(
    '/filters',
    {
      schema: {
        summary: 'Your saved filters of findings and those of your team, by name',
        response: { 200: success({ filters: Type.Array(Filter) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { filters } = models.query();
      const found = (['me', 'team'] as const).flatMap((of) => filters.list(whoseOf(of, caller)));
      return { ok: true as const, filters: found.map(shown) };
    },
  );
  app.put(
    '/filters/:name',
    {
      schema: {
        summary: 'Save a filter of findings for yourself, or for your team; one of that name gets another meaning',
        params,
        body: Body,
        response: { 200: success({ filter: Filter }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { name } = request.params;
      const { of, filter } = request.body;
      mayChange(of, caller);
      const whose = whoseOf(of, caller);
      const decision = await decisionOn('FilterSaved', idOf(whose, name), deps);
      const { filters } = decision.query();
      if (filters.find(whose, name) === null && filters.list(whose).length >= mostFilters)
        throw new AppError('conflict', `${mostFilters} filters are saved already, which is the most: remove one.`);
      const { seq } = await decision.append({ name, ...whose, by: caller.name, filter: filter as SavedFilter });
      await visible(models, seq, reply, 200);
      const saved = models.query().filters.find(whose, name);
      if (!saved) throw new AppError('conflict', 'The filter was removed meanwhile.');
      return { ok: true as const, filter: shown(saved) };
    },
  );
  app.delete(
    '/filters/:name',
    {
      schema: {
        summary: 'Keep a saved filter no more',
        params,
        querystring: Type.Object({ of: Of }),
        response: { 200: success({ filter: Filter }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { name } = request.params;
      const { of } = request.query;
      mayChange(of, caller);
      const whose = whoseOf(of, caller);
      const decision = await decisionOn('FilterRemoved', idOf(whose, name), deps);
      const there = decision.query().filters.find(whose, name);
      if (!there) throw new AppError('not_found', 'There is no such filter.');
      const made = await decision.tryAppend({ name, ...whose, by: caller.name });
      // Else somebody has removed it at the same moment, which is what was wanted.
      if (made) await visible(models, made.seq, reply, 200);
      return { ok: true as const, filter: shown(there) };
    },
  );
};

type Whose = Pick<FilterDoc, 'team' | 'person'>;

const whoseOf = (of: Static<typeof Of>, { name, team }: Caller): Whose => ({ team, person: of === 'me' ? name : null });

const idOf = ({ team, person }: Whose, name: string) =>
  person === null ? `team/${team}/${name}` : `person/${person}/${name}`;

/** One's own are a matter of one's own; those of the team are for who may write. */
function mayChange(of: Static<typeof Of>, caller: Caller): void {
  if (of === 'team' && !caller.can.has('write'))
    throw new AppError(
      'forbidden',
      'Filters of the team are saved by who has the scope write; save it for yourself: of=me.',
    );
}

const shown = ({ name, person, filter, by, saved_at }: FilterDoc): Static<typeof Filter> => ({
  ...{ name, filter, by, saved_at },
  of: person === null ? 'team' : 'me',
});
