import type { Database, Statement } from 'better-sqlite3';
import type { EventName, Recorded } from '../events/registry.ts';

/** What each event does to a read model. */
export type Handlers = { readonly [N in EventName]?: (event: Recorded<N>) => void };

/** An open read model: the projector hands it events in order and flushes it before each commit. */
type Projector = { readonly on: Handlers; readonly flush: () => void };

/** A read model: its tables, what each event does to them, its version. A higher version is rebuilt from the log. */
export type Projection = {
  readonly name: string;
  readonly version: number;
  /** Tables and indexes, `CREATE ... IF NOT EXISTS`. */
  readonly schema: string;
  /** Its tables, for checksums, each with the columns that order it. */
  readonly tables: Readonly<Record<string, string>>;
  readonly open: (db: Database) => Projector;
};

type Value = string | number | null;

/** A table whose rows are documents with a few columns to find them by. */
export type DocTable<Doc> = {
  get(key: string): Doc | undefined;
  /** Several changes of one document between two flushes are written once. */
  set(key: string, doc: Doc): void;
  delete(key: string): void;
  deleteWhere(column: string, value: Value): void;
  flush(): void;
};

type DocTableSpec<Doc> = {
  readonly table: string;
  readonly key: string;
  /** The columns beside the key and `doc`, in the order in which `values` gives them. */
  readonly columns: readonly string[];
  readonly values: (doc: Doc) => readonly Value[];
  /** Columns that change after the first insert; the rest of them is written once. */
  readonly changing: readonly string[];
};

/** Documents kept in memory between batches: those of work in progress are read again and again. */
const keptDocs = 5_000;

/** Opens a document table. `doc` holds the JSON as the API sends it, so that lists need no work per row. */
export function docTable<Doc>(db: Database, spec: DocTableSpec<Doc>): DocTable<Doc> {
  const { table, key, columns, values, changing } = spec;
  const names = [key, ...columns, 'doc'];
  const find: Statement<[string], string> = db
    .prepare<[string], string>(`SELECT doc FROM ${table} WHERE ${key} = ?`)
    .pluck();
  const write = db.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ON CONFLICT (${key}) DO UPDATE SET ${[...changing, 'doc'].map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${key} = ?`);
  const known = new Map<string, Doc>();
  const dirty = new Set<string>();

  const flush = () => {
    for (const id of dirty) {
      const doc = known.get(id);
      if (doc) write.run(id, ...values(doc), JSON.stringify(doc));
    }
    dirty.clear();
    if (known.size > keptDocs) known.clear();
  };
  return {
    get: (id) => {
      const doc = known.get(id);
      if (doc) return doc;
      const stored = find.get(id);
      if (stored === undefined) return undefined;
      const read = JSON.parse(stored) as Doc;
      known.set(id, read);
      return read;
    },
    set: (id, doc) => {
      known.set(id, doc);
      dirty.add(id);
    },
    delete: (id) => {
      known.delete(id);
      dirty.delete(id);
      remove.run(id);
    },
    deleteWhere: (column, value) => {
      flush();
      known.clear();
      db.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(value);
    },
    flush,
  };
}
