import type { Database } from 'better-sqlite3';
import type { EventData } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';

/** Repositories for which a team may use the farm's own credential. */
export type GrantDoc = { team: string; repositories: string; by: string; added_at: string };

/** What a forge said of a project's own credential. */
export type ForgeAccessDoc = EventData<'ForgeAccessChecked'> & { checked_at: string };

/** A credential that is not taken any more, and since when. */
type CredentialRefusalDoc = EventData<'ForgeCredentialRefused'> & { since: string };

const keyOf = (team: string, repositories: string) => `${team} ${repositories}`;

/** Who may use the farm's credentials of forges, and for what. */
export const grants: Projection = {
  name: 'grants',
  version: 2,
  tables: { grants: 'grant_key', forge_access: 'project', forge_refusals: 'project' },
  schema: `
    CREATE TABLE IF NOT EXISTS grants (grant_key TEXT PRIMARY KEY, team TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS grants_by_team ON grants (team);
    CREATE TABLE IF NOT EXISTS forge_access (project TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS forge_refusals (project TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;`,
  open: (db) => {
    const docs = docTable<GrantDoc>(db, {
      table: 'grants',
      key: 'grant_key',
      columns: ['team'],
      values: ({ team }) => [team],
      changing: [],
    });
    const access = docTable<ForgeAccessDoc>(db, {
      table: 'forge_access',
      key: 'project',
      columns: [],
      values: () => [],
      changing: [],
    });
    const refusals = docTable<CredentialRefusalDoc>(db, {
      table: 'forge_refusals',
      key: 'project',
      columns: [],
      values: () => [],
      changing: [],
    });
    return {
      flush: () => {
        docs.flush();
        access.flush();
        refusals.flush();
      },
      on: {
        GrantAdded: ({ data: { team, repositories, by }, time }) =>
          docs.set(keyOf(team, repositories), { team, repositories, by, added_at: time }),
        GrantRemoved: ({ data: { team, repositories } }) => docs.delete(keyOf(team, repositories)),
        ForgeAccessChecked: ({ data, time }) => access.set(data.project, { ...data, checked_at: time }),
        ForgeCredentialRefused: ({ data, time }) => refusals.set(data.project, { ...data, since: time }),
        ForgeCredentialAccepted: ({ data }) => refusals.delete(data.project),
        ProjectRemoved: ({ data: { name } }) => {
          access.delete(name);
          refusals.delete(name);
        },
      },
    };
  },
};

/** Finds grants. */
export function grantQueries(db: Database) {
  const all = db.prepare<[], string>('SELECT doc FROM grants ORDER BY grant_key').pluck();
  const ofTeam = db.prepare<[string], string>('SELECT doc FROM grants WHERE team = ? ORDER BY grant_key').pluck();
  const one = db.prepare<[string], string>('SELECT doc FROM grants WHERE grant_key = ?').pluck();
  const access = db.prepare<[string], string>('SELECT doc FROM forge_access WHERE project = ?').pluck();
  const refusal = db.prepare<[string], string>('SELECT doc FROM forge_refusals WHERE project = ?').pluck();
  const refusals = db.prepare<[], string>('SELECT doc FROM forge_refusals ORDER BY project').pluck();
  const parsed = (doc: string) => JSON.parse(doc) as GrantDoc;
  return {
    list: () => all.all().map(parsed),
    ofTeam: (team: string) => ofTeam.all(team).map(parsed),
    find: (team: string, repositories: string): GrantDoc | undefined => {
      const doc = one.get(keyOf(team, repositories));
      return doc === undefined ? undefined : parsed(doc);
    },
    /** Why the attempts of a project wait for a credential; null when they do not. */
    refusal: (project: string): CredentialRefusalDoc | null => {
      const doc = refusal.get(project);
      return doc === undefined ? null : (JSON.parse(doc) as CredentialRefusalDoc);
    },
    refusals: () => refusals.all().map((doc) => JSON.parse(doc) as CredentialRefusalDoc),
    /** What a forge said last of a project's own credential. */
    access: (project: string): ForgeAccessDoc | undefined => {
      const doc = access.get(project);
      return doc === undefined ? undefined : (JSON.parse(doc) as ForgeAccessDoc);
    },
  };
}
