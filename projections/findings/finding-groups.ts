import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Observation, Severity } from '../../events/finding.ts';

/** What of a finding is counted and searched. */
type Counted = Observation & {
  project: string;
  subproject: string;
  recipe: string;
  state: string;
  is_new: boolean;
  assignment?: { to: string } | null;
};

/** What findings are counted by; the columns of a group. All findings of a group are alike in these. */
export const groupDimensions = [
  'project',
  'subproject',
  'recipe',
  'state',
  'kind',
  'severity',
  'tool',
  'patchable',
  'assignee',
  'is_new',
] as const;
export type GroupDimension = (typeof groupDimensions)[number];
export type GroupRow = { id: number; rank: number } & Record<GroupDimension, string | number | null>;

export const groupSchema = `CREATE TABLE IF NOT EXISTS finding_groups (
      id INTEGER PRIMARY KEY, rank INTEGER NOT NULL, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      state TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, tool TEXT NOT NULL, patchable INTEGER NOT NULL,
      assignee TEXT, is_new INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS finding_groups_of ON finding_groups (project, state);`;

/**
 * How many findings each group has, by their code (an empty blob for none): kept with each row of `findings`, so that counts over
 * a hundred thousand findings read some hundred rows. Needs the table of findings.
 */
export const countSchema = `CREATE TABLE IF NOT EXISTS finding_counts (
      group_id INTEGER NOT NULL, code NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (group_id, code)) WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS findings_counted AFTER INSERT ON findings BEGIN ${counted('NEW')} END;
    CREATE TRIGGER IF NOT EXISTS findings_recounted AFTER UPDATE OF group_id, code ON findings
      WHEN OLD.group_id <> NEW.group_id OR OLD.code IS NOT NEW.code BEGIN ${uncounted('OLD')} ${counted('NEW')} END;
    CREATE TRIGGER IF NOT EXISTS findings_uncounted AFTER DELETE ON findings BEGIN ${uncounted('OLD')} END;`;

function counted(row: string): string {
  return `INSERT INTO finding_counts VALUES (${row}.group_id, coalesce(${row}.code, x''), 1)
      ON CONFLICT (group_id, code) DO UPDATE SET n = n + 1;`;
}

function uncounted(row: string): string {
  const one = `WHERE group_id = ${row}.group_id AND code = coalesce(${row}.code, x'')`;
  return `UPDATE finding_counts SET n = n - 1 ${one}; DELETE FROM finding_counts ${one} AND n = 0;`;
}

/** The worst first: those of packages and those of code in one order. */
const order = ['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'] as const;
const rankOf = (severity: Severity): number => order.indexOf(severity);

/** Characters of a finding that are searched: more of a message is a stack trace. */
const searched = 400;

/** Whether the tool itself, or a version of a package, offers a way to mend it. */
function isPatchable({ edits, fixed_version }: Pick<Counted, 'edits' | 'fixed_version'>): boolean {
  return edits.length > 0 || fixed_version !== null;
}

/** What a search for text looks through, in lower case. */
export function wordsOf({ message, code, file, package: name }: Counted): string {
  return [code, file, name, message].filter(Boolean).join(' ').slice(0, searched).toLowerCase();
}

function valuesOf(doc: Counted): Record<GroupDimension, string | number | null> {
  const { project, subproject, recipe, state, kind, severity, tool, assignment, is_new } = doc;
  const patchable = Number(isPatchable(doc));
  return {
    ...{ project, subproject, recipe, state, kind, severity, tool, patchable },
    assignee: assignment?.to ?? null,
    is_new: Number(is_new && state === 'open'),
  };
}

/** The name of a group follows from what its findings share: equal logs give equal tables, in whatever batches. */
export function groupIdOf(doc: Counted): number {
  return Number.parseInt(hash('sha256', JSON.stringify(Object.values(valuesOf(doc))), 'hex').slice(0, 12), 16);
}

/** Keeps the groups that there are or were. */
export function groupsIn(db: Database) {
  const keep = db.prepare(
    `INSERT OR IGNORE INTO finding_groups (id, rank, ${groupDimensions.join(', ')})
     VALUES (?, ?, ${groupDimensions.map(() => '?').join(', ')})`,
  );
  const forget = db.prepare('DELETE FROM finding_groups WHERE project = ?');
  const known = new Set<number>();
  return {
    keep: (doc: Counted) => {
      const id = groupIdOf(doc);
      if (known.has(id)) return;
      if (known.size > 100_000) known.clear();
      known.add(id);
      keep.run(id, rankOf(doc.severity), ...Object.values(valuesOf(doc)));
    },
    forgetAll: (project: string) => {
      known.clear();
      forget.run(project);
    },
  };
}
