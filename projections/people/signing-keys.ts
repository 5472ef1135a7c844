import type { Database } from 'better-sqlite3';
import type { Projection } from '../define.ts';

type SigningKeyRow = { readonly key_id: string; readonly public_key: string; readonly added_at: string };

/** Public keys with which the farm has signed: what was signed with an earlier one stays good. */
export const signingKeys: Projection = {
  name: 'signing-keys',
  version: 1,
  tables: { signing_keys: 'seq' },
  schema: `
    CREATE TABLE IF NOT EXISTS signing_keys (
      seq INTEGER PRIMARY KEY, key_id TEXT NOT NULL, public_key TEXT NOT NULL, added_at TEXT NOT NULL);`,
  open: (db) => {
    const insert = db.prepare('INSERT OR IGNORE INTO signing_keys VALUES (?, ?, ?, ?)');
    return {
      flush: () => {},
      on: { SigningKeyAdded: ({ seq, time, data }) => void insert.run(seq, data.key_id, data.public_key, time) },
    };
  },
};

/** Finds public keys, the newest first. */
export function signingKeyQueries(db: Database) {
  const all = db.prepare<[], SigningKeyRow>('SELECT key_id, public_key, added_at FROM signing_keys ORDER BY seq DESC');
  return { list: () => all.all() };
}
