import type { Database } from 'better-sqlite3';
import type { EventFilter } from '../../events/people/account.ts';
import { docTable, type Projection } from '../define.ts';

/** Another service that takes part of the log. */
export type SubscriberDoc = {
  name: string;
  public_key: string;
  hearing: EventFilter;
  from_seq: number;
  added_by: string;
  added_at: string;
  /** The sequence of the SubscriberAdded that holds now. */
  seq: number;
};

/** A runner on another machine. */
export type RunnerDoc = {
  name: string;
  public_key: string;
  added_by: string;
  added_at: string;
  seq: number;
};

/** Who else may connect to the log's server: subscribers and runners, by name. */
export const guests: Projection = {
  name: 'guests',
  version: 1,
  tables: { subscribers: 'name', runners: 'name' },
  schema: ['subscribers', 'runners']
    .map((table) => `CREATE TABLE IF NOT EXISTS ${table} (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;`)
    .join('\n'),
  open: (db) => {
    const plain = { key: 'name', columns: [], values: () => [], changing: [] } as const;
    const subscribers = docTable<SubscriberDoc>(db, { table: 'subscribers', ...plain });
    const runners = docTable<RunnerDoc>(db, { table: 'runners', ...plain });
    return {
      flush: () => {
        subscribers.flush();
        runners.flush();
      },
      on: {
        SubscriberAdded: ({ data: { by, ...data }, time, seq }) =>
          subscribers.set(data.name, { ...data, added_by: by, added_at: time, seq }),
        SubscriberRemoved: ({ data }) => subscribers.delete(data.name),
        RunnerAdded: ({ data: { by, ...data }, time, seq }) =>
          runners.set(data.name, { ...data, added_by: by, added_at: time, seq }),
        RunnerRemoved: ({ data }) => runners.delete(data.name),
      },
    };
  },
};

/** Finds subscribers and runners. */
export function accountQueries(db: Database) {
  const on = <Doc>(table: string) => {
    const all = db.prepare<[], string>(`SELECT doc FROM ${table} ORDER BY name`).pluck();
    const one = db.prepare<[string], string>(`SELECT doc FROM ${table} WHERE name = ?`).pluck();
    return {
      list: () => all.all().map((doc) => JSON.parse(doc) as Doc),
      find: (name: string) => {
        const doc = one.get(name);
        return doc === undefined ? undefined : (JSON.parse(doc) as Doc);
      },
    };
  };
  return { subscribers: on<SubscriberDoc>('subscribers'), runners: on<RunnerDoc>('runners') };
}
