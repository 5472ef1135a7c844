import type { Database } from 'better-sqlite3';
import type { FindingsParsedData } from '../../events/jobs/job.ts';
import type { NoticeJob } from './notice-targets.ts';

/**
 * What a job has to tell: `news`, findings that nobody knew or that came back; `failed`, for the first time; `recovered`, the
 * first time after that; `trouble` of what is around the jobs of a project, and `trouble_over`, each once for all of them.
 */
export type JobNews = 'news' | 'failed' | 'recovered' | 'trouble' | 'trouble_over';

/** How each recipe stands of which somebody is told: what was said of it is not said again. */
export const newsSchema = `
    CREATE TABLE IF NOT EXISTS notice_places (
      project TEXT NOT NULL, place TEXT NOT NULL, failing INTEGER NOT NULL, trouble TEXT, sha TEXT, run_seq INTEGER NOT NULL,
      PRIMARY KEY (project, place)) WITHOUT ROWID;`;

type Place = {
  readonly failing: 0 | 1;
  readonly trouble: string | null;
  /** The commit of the newest run that was told of, and the sequence of its JobEnqueued. */
  readonly sha: string | null;
  readonly run_seq: number;
};

const untold: Place = { failing: 0, trouble: null, sha: null, run_seq: 0 };

export function newsOfJobs(db: Database) {
  const find = db.prepare<[string, string], Place>(
    'SELECT failing, trouble, sha, run_seq FROM notice_places WHERE project = ? AND place = ?',
  );
  const keep = db.prepare('INSERT OR REPLACE INTO notice_places VALUES (?, ?, ?, ?, ?, ?)');
  const alike = db.prepare<[string, string], unknown>(
    'SELECT 1 FROM notice_places WHERE project = ? AND trouble = ? LIMIT 1',
  );
  const forget = db.prepare('DELETE FROM notice_places WHERE project = ?');
  return {
    /** What an ended job has to tell, or null. Called once for each, in the order of the log. */
    of(data: FindingsParsedData, job: NoticeJob): JobNews | null {
      const { project, failure, new: fresh, reopened = 0, on_default_branch } = data;
      const isOvertaken = job.isDefault && on_default_branch === false && failure?.cause !== 'environment';
      if (job.ended === 'cancelled' || job.ended === null || isOvertaken) return null;
      const place = placeOf(job);
      const before = find.get(project, place) ?? untold;
      if (isBehind(job, before)) return null;
      const { sha, seq } = job;
      if (failure?.cause === 'environment') {
        const isKnown = alike.get(project, failure.kind) !== undefined;
        keep.run(project, place, before.failing, failure.kind, sha, seq);
        return isKnown ? null : 'trouble';
      }
      const failing = job.ended === 'failed' ? 1 : 0;
      keep.run(project, place, failing, null, sha, seq);
      // What stands there at the first look is no news.
      if (fresh + reopened > 0) return 'news';
      if (failing !== before.failing) return failing === 1 ? 'failed' : 'recovered';
      return before.trouble !== null && alike.get(project, before.trouble) === undefined ? 'trouble_over' : null;
    },
    /** Whether a run that was asked for later has told of the same commit: of a recipe and a commit one run speaks. */
    isBehind: (job: NoticeJob): boolean => isBehind(job, find.get(job.project, placeOf(job)) ?? untold),
    forget: (project: string) => void forget.run(project),
  };
}

const placeOf = ({ context, branch }: NoticeJob) => `${context} ${branch}`;

const isBehind = ({ sha, seq }: NoticeJob, told: Place) => sha !== null && sha === told.sha && seq < told.run_seq;
