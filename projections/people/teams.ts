import type { Database } from 'better-sqlite3';
import { docTable, type Projection } from '../define.ts';

/** A team that was created; one of a single token needs no such thing. */
type TeamDoc = { team: string; title: string; created_by: string; created_at: string };

/** Teams, and the projects that one of them offers to another. */
export const teams: Projection = {
  name: 'teams',
  version: 1,
  tables: { teams: 'team', project_offers: 'project' },
  schema: `
    CREATE TABLE IF NOT EXISTS teams (team TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS project_offers (
      project TEXT PRIMARY KEY, owner TEXT NOT NULL, to_team TEXT NOT NULL, offered_at TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS project_offers_by_team ON project_offers (to_team, project);`,
  open: (db) => {
    const docs = docTable<TeamDoc>(db, {
      table: 'teams',
      key: 'team',
      columns: [],
      values: () => [],
      changing: [],
    });
    const offer = db.prepare('INSERT OR REPLACE INTO project_offers VALUES (?, ?, ?, ?)');
    const withdraw = db.prepare('DELETE FROM project_offers WHERE project = ?');
    return {
      flush: docs.flush,
      on: {
        TeamCreated: ({ data: { team, title, by }, time }) =>
          docs.set(team, { team, title, created_by: by, created_at: time }),
        TeamRemoved: ({ data: { team } }) => docs.delete(team),
        ProjectOffered: ({ data: { name, owner, to }, time }) => offer.run(name, owner, to, time),
        ProjectOfferWithdrawn: ({ data: { name } }) => withdraw.run(name),
        ProjectHandedOver: ({ data: { name } }) => withdraw.run(name),
        ProjectRemoved: ({ data: { name } }) => withdraw.run(name),
      },
    };
  },
};

/** A project that a team may have for the taking. */
type ProjectOffer = { project: string; owner: string; to_team: string; offered_at: string };

/** Finds teams and offers. */
export function teamQueries(db: Database) {
  const one = db.prepare<[string], string>('SELECT doc FROM teams WHERE team = ?').pluck();
  const names = db
    .prepare<[], string>(
      `SELECT team FROM teams UNION SELECT team FROM tokens WHERE sha256 IS NOT NULL
       UNION SELECT owner FROM projects ORDER BY 1`,
    )
    .pluck();
  const offer = db.prepare<[string], ProjectOffer>('SELECT * FROM project_offers WHERE project = ?');
  const offersTo = db.prepare<[string], ProjectOffer>(
    'SELECT * FROM project_offers WHERE to_team = ? ORDER BY project LIMIT 1000',
  );
  return {
    /** A team that was created, or undefined. */
    find: (team: string): TeamDoc | undefined => {
      const doc = one.get(team);
      return doc === undefined ? undefined : JSON.parse(doc);
    },
    /** Every team: created, of a bearer, or of a project. */
    names: () => names.all(),
    offer: (project: string) => offer.get(project),
    offersTo: (team: string) => offersTo.all(team),
  };
}
