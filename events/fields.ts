import { type TSchema, type TUnsafe, Type } from '@sinclair/typebox';

/** Text of bounded length, in UTF-16 code units. */
export const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength });

/** A value or null. */
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** One of a closed list of words. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  Type.Union(words.map((word) => Type.Literal(word))) as unknown as TUnsafe<Words[number]>;

/** A closed object: unknown fields are refused. */
export const closed: typeof Type.Object = (properties, options) =>
  Type.Object(properties, { additionalProperties: false, ...options });

export const Count = Type.Integer({ minimum: 0 });
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** An object id of git: SHA-1 or SHA-256. */
export const Commit = Type.String({ pattern: '^[0-9a-f]{40}([0-9a-f]{24})?$' });
/** ISO 8601 in UTC with milliseconds, as Date.toISOString prints it. */
export const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });

/** Names of projects and tokens: one path segment and one folder name, lower case, never `.` or `..`. */
export const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });
export const JobId = Type.String({ pattern: '^[0-9a-z]{26}$' });
export const CidrList = Type.Array(text(64, 1), { maxItems: 64 });

export const recipeNames = ['build', 'test', 'lint', 'audit'] as const;
export type RecipeName = (typeof recipeNames)[number];
export const Recipe = oneOf(recipeNames);

export const Environment = Type.Record(
  Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }),
  Type.String({ maxLength: 8192 }),
  { additionalProperties: false },
);
