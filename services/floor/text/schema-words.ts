import { Kind, type TSchema, type TUnsafe, Type, TypeRegistry } from '@sinclair/typebox';
import {
  DefaultErrorFunction,
  type ErrorFunctionParameter,
  SetErrorFunction,
  ValueErrorType,
} from '@sinclair/typebox/errors';

const wordsKind = 'WordList';

/** Words of a closed list with commas between them, as every list of a query takes them. */
export function wordList(words: readonly string[], description?: string): TUnsafe<string> {
  const anyOf = `(?:${words.join('|')})`;
  return Type.Unsafe<string>({
    [Kind]: wordsKind,
    type: 'string',
    pattern: `^${anyOf}(?:,${anyOf})*$`,
    'x-words': words,
    description: `${description ? `${description}: ` : ''}one or more of ${words.join(', ')}, with commas between them`,
  });
}

TypeRegistry.Set<{ readonly 'x-words': readonly string[] }>(
  wordsKind,
  ({ 'x-words': words }, value) => typeof value === 'string' && value.split(',').every((one) => words.includes(one)),
);

const mostNamed = 40;
const longestFound = 40;

/**
 * What a fault of a schema is told as, in every answer: one of several words names them, and what was probably meant; a
 * field that is not known names those that are. What was found is repeated for words alone, which are no secrets.
 */
function schemaWords(error: ErrorFunctionParameter): string {
  const { errorType, schema, value, path } = error;
  if (errorType === ValueErrorType.ObjectAdditionalProperties) {
    const name = path.split('/').at(-1) ?? '';
    return `Unexpected property; ${listed('known', Object.keys(schema.properties ?? {}), name)}`;
  }
  if (errorType === ValueErrorType.Kind && schema[Kind] === wordsKind) {
    const words: readonly string[] = schema['x-words'];
    const strange =
      String(value)
        .split(',')
        .find((one) => !words.includes(one)) ?? '';
    const found = strange.length <= longestFound ? `; found ${JSON.stringify(strange)}` : '';
    return `${listed('Expected some, with commas between them, of', words, strange)}${found}`;
  }
  const words =
    errorType === ValueErrorType.Union ? wordsOf(schema)?.filter((one, at, all) => all.indexOf(one) === at) : undefined;
  if (words === undefined) return DefaultErrorFunction(error);
  const found = typeof value === 'string' && value.length <= longestFound ? `; found ${JSON.stringify(value)}` : '';
  return `${listed('Expected one of', words, typeof value === 'string' ? value : '')}${found}`;
}

/** Makes every check of a schema tell its faults so. */
export function useSchemaWords(): void {
  SetErrorFunction(schemaWords);
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** The words that a schema takes, and what else it takes; undefined where it says neither. */
function wordsOf(schema: TSchema): string[] | undefined {
  if (schema[Kind] === 'Literal') return [String(schema.const)];
  if (schema[Kind] === 'Null') return ['null'];
  const kind = kinds[String(schema.type)];
  if (kind !== undefined) return [kind];
  if (schema[Kind] !== 'Union') return undefined;
  const words = (schema.anyOf as TSchema[]).map(wordsOf);
  return words.every((some) => some !== undefined) ? words.flat() : undefined;
}

function listed(before: string, words: readonly string[], found: string): string {
  const shown = words.slice(0, mostNamed).join(', ');
  const rest = words.length > mostNamed ? `, and ${words.length - mostNamed} more` : '';
  const meant = nearest(found, words);
  return `${before}: ${shown}${rest}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
}

/** The word that is meant by one with up to two slips in it, or up to a third of its letters. */
export function nearest(found: string, words: readonly string[]): string | undefined {
  if (found === '' || found.length > longestFound) return undefined;
  const [best] = words
    .map((word) => ({ word, slips: slipsBetween(found.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, slips }) => slips <= Math.min(2, Math.ceil(word.length / 3)))
    .sort((a, b) => a.slips - b.slips);
  return best?.word;
}

/** Letters to put in, take out or change between two words. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [above, letter] of [...a].entries()) {
    const next = [above + 1];
    for (const [at, other] of [...b].entries())
      next.push(Math.min((row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1, (row[at] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
