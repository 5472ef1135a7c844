import type { Database } from 'better-sqlite3';
import { type SecretLayer, secretId } from '../../events/people/secret.ts';
import { docTable, type Projection } from '../define.ts';

/** A secret as it is known here: where its value lies, and never the value. */
export type SecretDoc = {
  layer: SecretLayer;
  of: string | null;
  name: string;
  value_ref: string;
  branches: string[] | null;
  teams: string[] | null;
  set_by: string;
  set_at: string;
  created_at: string;
};

/** Secrets that have a value. */
export const secrets: Projection = {
  name: 'secrets',
  version: 2,
  tables: { secrets: 'secret_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS secrets (
      secret_id TEXT PRIMARY KEY, layer TEXT NOT NULL, whose TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS secrets_of ON secrets (layer, whose, secret_id);`,
  open: (db) => {
    const docs = docTable<SecretDoc>(db, {
      table: 'secrets',
      key: 'secret_id',
      columns: ['layer', 'whose'],
      values: ({ layer, of }) => [layer, of ?? ''],
      changing: [],
    });
    const idsOf = db
      .prepare<[string, string], string>('SELECT secret_id FROM secrets WHERE layer = ? AND whose = ?')
      .pluck();
    const forget = (layer: SecretLayer, whose: string) => {
      docs.flush();
      for (const id of idsOf.all(layer, whose)) docs.delete(id);
    };
    return {
      flush: docs.flush,
      on: {
        SecretSet: ({ data, time }) => {
          const { layer, of, name, value_ref, branches, teams, by } = data;
          const id = secretId(data);
          const created_at = docs.get(id)?.created_at ?? time;
          docs.set(id, { layer, of, name, value_ref, branches, teams, set_by: by, set_at: time, created_at });
        },
        SecretRemoved: ({ data }) => docs.delete(secretId(data)),
        ProjectRemoved: ({ data: { name } }) => forget('project', name),
        // Whoever takes a name that was somebody else's gets nothing that was set while that went.
        ProjectRegistered: ({ data: { name } }) => forget('project', name),
        TeamRemoved: ({ data: { team } }) => forget('team', team),
        TeamCreated: ({ data: { team } }) => forget('team', team),
      },
    };
  },
};

/** Finds secrets. */
export function secretQueries(db: Database) {
  const one = db.prepare<[string], string>('SELECT doc FROM secrets WHERE secret_id = ?').pluck();
  const of = db
    .prepare<[string, string], string>('SELECT doc FROM secrets WHERE layer = ? AND whose = ? ORDER BY secret_id')
    .pluck();
  const parsed = (doc: string) => JSON.parse(doc) as SecretDoc;
  return {
    find: (place: { layer: SecretLayer; of: string | null; name: string }): SecretDoc | undefined => {
      const doc = one.get(secretId(place));
      return doc === undefined ? undefined : parsed(doc);
    },
    of: (layer: SecretLayer, whose: string | null) => of.all(layer, whose ?? '').map(parsed),
  };
}
