import type { Database } from 'better-sqlite3';
import type { TokenRights } from '../../events/people/token.ts';
import { docTable, type Projection } from '../define.ts';

/** A bearer as the API lists it: never with its hash. */
export type TokenDoc = TokenRights & {
  name: string;
  is_admin: boolean;
  ip_cidrs: string[];
  created_at: string;
  rotated_at: string | null;
  revoked_at: string | null;
};

/** Bearers, by the SHA-256 of what they are. */
export const tokens: Projection = {
  name: 'tokens',
  version: 2,
  tables: { tokens: 'name' },
  schema: `
    CREATE TABLE IF NOT EXISTS tokens (name TEXT PRIMARY KEY, sha256 TEXT, team TEXT NOT NULL, doc TEXT NOT NULL)
      WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tokens_by_team ON tokens (team, name);
    CREATE INDEX IF NOT EXISTS tokens_by_hash ON tokens (sha256) WHERE sha256 IS NOT NULL;`,
  open: (db) => {
    const hash = db.prepare('UPDATE tokens SET sha256 = ? WHERE name = ?');
    const docs = docTable<TokenDoc>(db, {
      table: 'tokens',
      key: 'name',
      columns: ['team'],
      values: ({ team }) => [team],
      changing: ['team'],
    });
    const hashOf = db.prepare<[string], string | null>('SELECT sha256 FROM tokens WHERE name = ?').pluck();
    /** Revoked, or minted anew, before this came. */
    const isPast = ({ name, was }: { name: string; was: string }) => hashOf.get(name) !== was;
    const change = (name: string, changes: Partial<TokenDoc>) => {
      const doc = docs.get(name);
      if (doc) docs.set(name, { ...doc, ...changes });
    };
    return {
      flush: docs.flush,
      on: {
        TokenMinted: ({ data, time }) => {
          const { name, is_admin, ip_cidrs, sha256, team, role, scopes, projects, expires_at } = data;
          const rights = { team, role, scopes, projects, expires_at };
          docs.set(name, {
            ...{ name, is_admin, ip_cidrs, ...rights },
            ...{ created_at: time, rotated_at: null, revoked_at: null },
          });
          docs.flush();
          hash.run(sha256, name);
        },
        TokenRotated: ({ data, time }) => {
          const { name, sha256, expires_at } = data;
          if (isPast(data)) return;
          change(name, { rotated_at: time, expires_at });
          docs.flush();
          hash.run(sha256, name);
        },
        TokenChanged: ({ data }) => {
          const { name, team, role, scopes, projects, expires_at } = data;
          if (!isPast(data)) change(name, { team, role, scopes, projects, expires_at });
        },
        TokenRevoked: ({ data, time }) => {
          change(data.name, { revoked_at: time });
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
  const ofTeam = db
    .prepare<[string], string>('SELECT doc FROM tokens WHERE team = ? AND sha256 IS NOT NULL ORDER BY name')
    .pluck();
  const byHash = db.prepare<[string], { sha256: string; doc: string }>(
    'SELECT sha256, doc FROM tokens WHERE sha256 = ?',
  );
  const one = db.prepare<[string], { sha256: string | null; doc: string }>(
    'SELECT sha256, doc FROM tokens WHERE name = ?',
  );
  const parsed = (doc: string) => JSON.parse(doc) as TokenDoc;
  return {
    list: () => all.all().map(parsed),
    /** The bearers of a team that are not revoked. */
    ofTeam: (team: string) => ofTeam.all(team).map(parsed),
    byHash: (sha256: string) => {
      const found = byHash.get(sha256);
      return found && { ...parsed(found.doc), sha256: found.sha256 };
    },
    find: (name: string) => {
      const found = one.get(name);
      return found && { ...parsed(found.doc), sha256: found.sha256 };
    },
  };
}
