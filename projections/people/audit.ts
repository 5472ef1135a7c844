import type { Database } from 'better-sqlite3';
import { projectOf } from '../../events/event-filter.ts';
import { type EventName, events, type Recorded } from '../../events/registry.ts';
import type { Projection } from '../define.ts';

/** Who did what: events that were asked for with a bearer. */
export const audit: Projection = {
  name: 'audit',
  version: 1,
  tables: { audit: 'seq' },
  schema: `
    CREATE TABLE IF NOT EXISTS audit (
      seq INTEGER PRIMARY KEY, time TEXT NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, entity TEXT NOT NULL,
      entity_id TEXT NOT NULL, project TEXT, team TEXT);
    CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, seq);
    CREATE INDEX IF NOT EXISTS audit_by_project ON audit (project, seq);`,
  open: (db) => {
    const insert = db.prepare('INSERT OR IGNORE INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    const keep = (event: Recorded) => {
      const { seq, time, actor, type, entityId, data } = event;
      if (actor === null) return;
      const team = 'team' in data && typeof data.team === 'string' ? data.team : null;
      insert.run(seq, time, actor, type, events[type].entity, entityId, projectOf(event), team);
    };
    const names = Object.keys(events) as EventName[];
    return { flush: () => {}, on: Object.fromEntries(names.map((name) => [name, keep])) };
  },
};

type AuditRow = {
  seq: number;
  time: string;
  actor: string;
  event: string;
  entity: string;
  entity_id: string;
  project: string | null;
  team: string | null;
};

type AuditFilter = {
  /** Null: everybody's. */
  readonly team: string | null;
  readonly actor: string | null;
  readonly project: string | null;
  readonly before: number;
  readonly limit: number;
};

/** Finds who did what, the newest first. A team sees what was done to what is its own, since that was registered. */
export function auditQueries(db: Database) {
  const page = db.prepare<AuditFilter, AuditRow>(
    `SELECT * FROM audit a WHERE seq < @before
       AND (@actor IS NULL OR actor = @actor) AND (@project IS NULL OR project = @project)
       AND (@team IS NULL OR team = @team
         OR (entity = 'token' AND entity_id IN (SELECT name FROM tokens WHERE team = @team))
         OR EXISTS (SELECT 1 FROM projects p WHERE p.name = a.project AND p.owner = @team AND a.time >= p.doc ->> 'created_at'))
     ORDER BY seq DESC LIMIT @limit`,
  );
  return { page: (filter: AuditFilter) => page.all(filter) };
}
