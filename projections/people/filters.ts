import type { Database } from 'better-sqlite3';
import type { SavedFilter } from '../../events/people/filter.ts';
import { docTable, type Projection } from '../define.ts';

/** A filter of findings that a person, or with null a team, keeps under a name. */
export type FilterDoc = {
  name: string;
  team: string;
  person: string | null;
  filter: SavedFilter;
  by: string;
  saved_at: string;
};

type Whose = Pick<FilterDoc, 'team' | 'person'>;

/** Whose it is: a person has the same filters in every team. */
const whose = ({ team, person }: Whose) => (person === null ? `team ${team}` : `person ${person}`);
const keyOf = (of: Whose, name: string) => `${whose(of)} ${name}`;

/** Saved filters. */
export const filters: Projection = {
  name: 'filters',
  version: 1,
  tables: { filters: 'filter_key' },
  schema: `
    CREATE TABLE IF NOT EXISTS filters (filter_key TEXT PRIMARY KEY, whose TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS filters_of ON filters (whose);`,
  open: (db) => {
    const docs = docTable<FilterDoc>(db, {
      table: 'filters',
      key: 'filter_key',
      columns: ['whose'],
      values: (doc) => [whose(doc)],
      changing: [],
    });
    return {
      flush: docs.flush,
      on: {
        FilterSaved: ({ data, time }) => docs.set(keyOf(data, data.name), { ...data, saved_at: time }),
        FilterRemoved: ({ data }) => docs.delete(keyOf(data, data.name)),
      },
    };
  },
};

/** Finds saved filters. */
export function filterQueries(db: Database) {
  const of = db.prepare<[string], string>('SELECT doc FROM filters WHERE whose = ? ORDER BY filter_key').pluck();
  const one = db.prepare<[string], string>('SELECT doc FROM filters WHERE filter_key = ?').pluck();
  return {
    /** Of a person, or with null of a team, by name. */
    list: (asked: Whose): FilterDoc[] => of.all(whose(asked)).map((doc) => JSON.parse(doc) as FilterDoc),
    find: (asked: Whose, name: string): FilterDoc | null => {
      const doc = one.get(keyOf(asked, name));
      return doc === undefined ? null : (JSON.parse(doc) as FilterDoc);
    },
  };
}
