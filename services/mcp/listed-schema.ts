/** Bounds that a call is held to in any case, and of which a refusal says what was expected. */
const checkedHere: ReadonlySet<string> = new Set([
  'additionalProperties',
  'maxItems',
  'maxLength',
  'minimum',
  'minLength',
  'pattern',
  'uniqueItems',
]);
/** Rows have fields of their own, and all that an answer may hold is in it. */
const ofAnswers: ReadonlySet<string> = new Set(['items', 'required']);

/** A schema of arguments in fewer words: every client pays for each of them with every conversation. */
export const compactInput = (schema: unknown): unknown => compact(schema, checkedHere);

/** The same for a schema of answers, as far as a client has to know it. */
export const compactOutput = (schema: unknown): unknown => compact(schema, new Set([...checkedHere, ...ofAnswers]));

function compact(schema: unknown, left: ReadonlySet<string>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => compact(one, left));
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => !isLeft(key, value, left));
  const whole: Record<string, unknown> = Object.fromEntries(kept.map(([key, one]) => [key, compact(one, left)]));
  const { anyOf, ...rest } = whole;
  if (!Array.isArray(anyOf)) return whole;
  const words = anyOf.flatMap((one) => (typeof one?.const === 'string' ? [one.const] : []));
  if (words.length === anyOf.length) return { ...rest, enum: words };
  const types = anyOf.flatMap((one) => (Object.keys(one).join() === 'type' ? [one.type] : []));
  return types.length === anyOf.length ? { ...rest, type: types } : whole;
}

/** A property may be called as a word of schemas is; its value is a schema then. */
function isLeft(key: string, value: unknown, left: ReadonlySet<string>): boolean {
  if (!left.has(key)) return false;
  return key === 'items' || typeof value !== 'object' || Array.isArray(value);
}
