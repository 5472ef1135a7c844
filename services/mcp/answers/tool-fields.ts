import { type TSchema, Type } from '@sinclair/typebox';
import { JobId as AnyJobId, Name, nullable } from '../../../events/fields.ts';

/** Ids are checked before they go into a path. */
export const JobId = Type.String({ pattern: AnyJobId.pattern as string });
export const ProjectName = Type.String({ pattern: Name.pattern as string });

export const Text = Type.String();
export const Lines = Type.Array(Text);

/** Rows with fields of their own: naming each of them would cost more than it tells. */
export const Rows = Type.Array(Type.Unsafe<object>({ type: 'object' }));
export const Row: TSchema = Type.Unsafe<object>({ type: 'object' });

export const page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25 })),
  cursor: Type.Optional(Type.String({ maxLength: 256 })),
};

export const NextCursor = nullable(Type.String());

/** The query of a path, of the values that are there. */
export function queryOf(values: Readonly<Record<string, string | number | readonly string[] | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of [value ?? []].flat()) query.append(name, String(one));
  return query.size === 0 ? '' : `?${query}`;
}
