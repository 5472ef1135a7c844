import { type Static, Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import { type UsageRow, usageGroups } from '../../../projections/work/spending-queries.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';

const tokens = Type.Integer();

const Usage = Type.Object(
  {
    group: nullable(Type.String({ description: 'what it is the sum of; null for all, and for calls without one' })),
    calls: tokens,
    estimated_calls: Type.Integer({ description: 'calls of which a part is an estimate' }),
    tokens: Type.Integer({ description: 'input, cache reads, cache writes and output together' }),
    input_tokens: tokens,
    cache_read_tokens: tokens,
    cache_write_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: Type.Integer({ description: 'among the output' }),
    tool_calls: Type.Integer({ description: 'tools that ran at the provider' }),
    usd: Type.Number(),
    unpriced_tokens: Type.Integer({ description: 'tokens of models without a price: they are not in usd' }),
    last_at: nullable(Type.String()),
  },
  { title: 'Usage' },
);

const Day = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'a day in UTC, included' }));
const Filter = Type.Object({
  by: Type.Optional(oneOf(usageGroups)),
  from: Day,
  to: Day,
  agent: Type.Optional(Type.String()),
  bottle: Type.Optional(Type.String()),
  attempt: Type.Optional(Type.String()),
  finding: Type.Optional(Type.Integer({ minimum: 0 })),
  project: Type.Optional(Type.String()),
  owner: Type.Optional(Type.String()),
  provider: Type.Optional(Type.String()),
  model: Type.Optional(Type.String()),
});

/** What agents spent, as it was metered outside of them. */
export const usageRoutes: Routes = (app, { models, config }) => {
  app.get(
    '/usage',
    {
      schema: {
        summary: 'Tokens and money that agents took, by agent, bottle, finding, project, owner, provider, model or day',
        querystring: Filter,
        response: {
          200: success({
            by: oneOf(usageGroups),
            total: Usage,
            usage: Type.Array(Usage),
            prices: Type.String({ description: 'the day of the table of prices' }),
          }),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { by = 'project', finding, owner, ...named } = request.query;
      const filter = {
        ...named,
        projects: caller.projects,
        owner: caller.owner ?? owner ?? null,
        finding: finding === undefined ? null : String(finding),
      };
      const { spending } = models.query();
      const [total] = spending.usage(filter, null);
      // A sum without a group is always one row.
      if (!total) throw new Error('usage without a total');
      const usage =
        owner !== undefined && caller.owner !== null && owner !== caller.owner ? [] : spending.usage(filter, by);
      return {
        ok: true as const,
        by,
        total: shown(total),
        usage: usage.map(shown),
        prices: config.egress.prices.dated,
      };
    },
  );
};

/** Money in US dollars. */
function shown({ nano_usd, ...row }: UsageRow): Static<typeof Usage> {
  return { ...row, usd: nano_usd / 1e9 };
}
