import type { Database } from 'better-sqlite3';
import { docTable, type Projection } from './define.ts';

/** A bearer as the API lists it: never with its hash. */
export type TokenDoc = {
  name: string;
  is_admin: boolean;
  ip_cidrs: string[];
  created_at: string;
  revoked_at: string | null;
};

type Kept = TokenDoc & { sha256?: string };

/** Bearers, by the SHA-256 of what they are. */
export const tokens: Projection = {
  name: 'tokens',
  version: 1,
  tables: { tokens: 'name' },
  schema: `
    CREATE TABLE IF NOT EXISTS tokens (name TEXT PRIMARY KEY, sha256 TEXT, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tokens_by_hash ON tokens (sha256) WHERE sha256 IS NOT NULL;`,
  open: (db) => {
    const hash = db.prepare('UPDATE tokens SET sha256 = ? WHERE name = ?');
    const docs = docTable<Kept>(db, { table: 'tokens', key: 'name', columns: [], values: () => [], changing: [] });
    return {
      flush: docs.flush,
      on: {
        TokenMinted: ({ data, time }) => {
          const { name, is_admin, ip_cidrs, sha256 } = data;
          docs.set(name, { name, is_admin, ip_cidrs, created_at: time, revoked_at: null });
          docs.flush();
          hash.run(sha256, name);
        },
        TokenRevoked: ({ data, time }) => {
          const doc = docs.get(data.name);
          if (!doc) return;
          docs.set(data.name, { ...doc, revoked_at: time });
          docs.flush();
          hash.run(null, data.name);
        },
      },
    };
  },
};

/** Finds bearers. */
export function tokenQueries(db: Database) {
  const all = db.prepare<[], string>('SELECT doc FROM tokens ORDER BY name').pluck();
  const byHash = db.prepare<[string], { sha256: string; doc: string }>(
    'SELECT sha256, doc FROM tokens WHERE sha256 = ?',
  );
  const one = db.prepare<[string], { sha256: string | null; doc: string }>(
    'SELECT sha256, doc FROM tokens WHERE name = ?',
  );
  return {
    list: () => all.all().map((doc) => JSON.parse(doc) as TokenDoc),
    byHash: (sha256: string) => {
      const found = byHash.get(sha256);
      return found && { ...(JSON.parse(found.doc) as TokenDoc), sha256: found.sha256 };
    },
    find: (name: string) => {
      const found = one.get(name);
      return found && { ...(JSON.parse(found.doc) as TokenDoc), sha256: found.sha256 };
    },
  };
}
