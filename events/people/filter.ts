import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { closed, Name, nullable, text } from '../fields.ts';

/** How a saved filter is called: words of a person, without control characters. */
export const FilterName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f/]+$' });

/** What findings are narrowed by and how they are ordered, by the names of `GET /findings`. */
export const SavedFilter = Type.Record(
  Type.String({ pattern: '^[a-z_]{1,32}$' }),
  Type.Union([text(1024), Type.Array(text(1024), { maxItems: 50 }), Type.Integer({ minimum: 0 })]),
  { additionalProperties: false },
);
export type SavedFilter = Static<typeof SavedFilter>;

/** Of one person, or with null of all of a team. */
const Whose = { name: FilterName, team: Name, person: nullable(Name), by: Name };

/** A filter of findings is kept under a name, or gets another meaning. */
export const FilterSaved = defineEvent('FilterSaved', 'filter', closed({ ...Whose, filter: SavedFilter }));

/** It is kept no more. */
export const FilterRemoved = defineEvent('FilterRemoved', 'filter', closed(Whose));
