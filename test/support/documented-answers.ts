import { type TSchema, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import type { OnAnswer } from '../../services/api/define.ts';

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>();

/**
 * Holds what a route answers against what it documents: its status, its fields, and no others. A fault is thrown where
 * nobody can catch it, so that the test at work fails whatever it looks at.
 */
export const heldToItsSchema: OnAnswer = ({ method, url, status, type, payload, responses }) => {
  const words = faultOf({ method, url, status, type, payload, responses });
  if (words === null) return;
  setImmediate(() => {
    throw new Error(`${method} ${url} answers ${status} with what it does not document: ${words}`);
  });
};

function faultOf({ method, status, type, payload, responses }: Parameters<OnAnswer>[0]): string | null {
  if (responses === null || method === 'HEAD' || status === 304) return null;
  const own = responses[String(status)];
  const schema = own ?? (status >= 400 ? responses['default'] : undefined);
  if (!schema) return Object.keys(responses).length > 1 || /json/.test(type) ? 'no such status' : null;
  if (!/[/+]json/.test(type)) return `its type is ${type || 'not said'}`;
  const [check, value] = [checkOf(schema), JSON.parse(String(payload)) as unknown];
  // To look for faults costs far more than to see that there is none.
  if (check.Check(value)) return null;
  const faults = [...check.Errors(value)].slice(0, 12);
  return faults.length > 0 ? faults.map(({ path, message }) => `${path || 'the body'}: ${message}`).join('; ') : null;
}

function checkOf(schema: TSchema): TypeCheck<TSchema> {
  const known = compiled.get(schema) ?? TypeCompiler.Compile(closedSchema(schema));
  compiled.set(schema, known);
  return known;
}

/** The same schema, in which no object may have other fields than it names. */
function closedSchema(schema: TSchema): TSchema {
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
    const copy: Record<string | symbol, unknown> = {};
    for (const key of Reflect.ownKeys(value)) copy[key] = deep((value as Record<string | symbol, unknown>)[key]);
    const isOpen = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
    return isOpen ? { ...copy, additionalProperties: false } : copy;
  };
  return schema.allOf ? Type.Unsafe(schema) : (deep(schema) as TSchema);
}
