import type { Database } from 'better-sqlite3';
import type { FindingsParsedData } from '../events/job.ts';
import type { NoticeJob } from './notice-targets.ts';

/**
 * What a job has to tell: `news`, findings that nobody knew or that came back; `failed`, for the first time; `recovered`, the
 * first time after that; `trouble` of what is around the jobs of a project, and `trouble_over`, each once for all of them.
 */
export type JobNews = 'news' | 'failed' | 'recovered' | 'trouble' | 'trouble_over';

/** How each recipe stands of which somebody is told: what was said of it is not said again. */
export const newsSchema = `
    CREATE TABLE IF NOT EXISTS notice_places (
      project TEXT NOT NULL, place TEXT NOT NULL, failing INTEGER NOT NULL, trouble TEXT,
      PRIMARY KEY (project, place)) WITHOUT ROWID;`;

type Place = { readonly failing: 0 | 1; readonly trouble: string | null };

export function newsOfJobs(db: Database) {
  const find = db.prepare<[string, string], Place>(
    'SELECT failing, trouble FROM notice_places WHERE project = ? AND place = ?',
  );
  const keep = db.prepare('INSERT OR REPLACE INTO notice_places VALUES (?, ?, ?, ?)');
  const alike = db.prepare<[string, string], unknown>(
    'SELECT 1 FROM notice_places WHERE project = ? AND trouble = ? LIMIT 1',
  );
  const forget = db.prepare('DELETE FROM notice_places WHERE project = ?');
  return {
    /** What an ended job has to tell, or null. Called once for each, in the order of the log. */
    of(data: FindingsParsedData, job: NoticeJob): JobNews | null {
      const { project, failure, new: fresh, reopened = 0, baseline, on_default_branch } = data;
      const isOvertaken = job.isDefault && on_default_branch === false && failure?.cause !== 'environment';
      if (job.ended === 'cancelled' || job.ended === null || isOvertaken) return null;
      const place = `${job.context} ${job.branch}`;
      const before = find.get(project, place) ?? { failing: 0, trouble: null };
      if (failure?.cause === 'environment') {
        const isKnown = alike.get(project, failure.kind) !== undefined;
        keep.run(project, place, before.failing, failure.kind);
        return isKnown ? null : 'trouble';
      }
      const failing = job.ended === 'failed' ? 1 : 0;
      keep.run(project, place, failing, null);
      if (fresh + reopened > 0 || (baseline?.findings ?? 0) > 0) return 'news';
      if (failing !== before.failing) return failing === 1 ? 'failed' : 'recovered';
      return before.trouble !== null && alike.get(project, before.trouble) === undefined ? 'trouble_over' : null;
    },
    forget: (project: string) => void forget.run(project),
  };
}
