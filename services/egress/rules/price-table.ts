import { type Static, Type } from '@sinclair/typebox';
import { closed, text } from '../../../events/fields.ts';
import type { UsageCounts } from '../../../events/work/budget.ts';

const Dollars = Type.Number({ minimum: 0, maximum: 1_000_000 });

/** US dollars for a million tokens of a kind, and the most tokens of one answer. */
export const Price = closed({
  input: Dollars,
  output: Dollars,
  cache_read: Type.Optional(Dollars),
  cache_write: Type.Optional(Dollars),
  max_output: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type Price = Static<typeof Price>;

/** The file of prices: of which day they are, and the models that it knows. */
export const PriceTable = closed({
  dated: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
  notes: Type.Optional(Type.Array(text(512), { maxItems: 32 })),
  models: Type.Record(Type.String({ minLength: 1, maxLength: 256 }), Price),
});
export type PriceTable = Static<typeof PriceTable>;

/** What providers hang on to a model's name: a day, a version, where it runs. */
const suffix = /(?:[-@](?:\d{8}|\d{4}-\d\d-\d\d|latest))$/;

/** The price of a model by its name, with or without the day that providers hang on to it. */
export function priceOf({ models }: PriceTable, model: string): Price | null {
  const bare = model.replace(/^[a-z0-9-]+\//, '');
  for (const name of [model, bare, model.replace(suffix, ''), bare.replace(suffix, '')])
    if (Object.hasOwn(models, name)) return models[name] ?? null;
  return null;
}

/** Dollars for a million tokens are thousands of billionths for one. */
const nanoOf = (tokens: number, dollars: number) => Math.ceil(Math.round(tokens * dollars * 1e6) / 1e3);

/** What a call costs in billionths of a US dollar; what a cache took costs as input where no price says otherwise. */
export function costOf(usage: UsageCounts, price: Price): number {
  const { input, output, cache_read = input, cache_write = input } = price;
  return (
    nanoOf(usage.input_tokens, input) +
    nanoOf(usage.cache_read_tokens, cache_read) +
    nanoOf(usage.cache_write_tokens, cache_write) +
    nanoOf(usage.output_tokens, output)
  );
}

/** The most that so many tokens can cost. */
export function mostCost({ input, output }: { input: number; output: number }, price: Price): number {
  return nanoOf(input, Math.max(price.input, price.cache_write ?? 0)) + nanoOf(output, price.output);
}
