import type { Database } from 'better-sqlite3';
import type { noticeChannels } from '../../events/notices/notice.ts';
import type { ProjectDocument, WebhookFormat } from '../../events/projects/project.ts';
import { docTable } from '../define.ts';

export type NoticeChannel = (typeof noticeChannels)[number];

/** Somebody outside who is told of a project's events, and how far that has come. Sequences are those of events told of. */
export type NoticeTarget = {
  readonly project: string;
  readonly channel: NoticeChannel;
  readonly target: string;
  /** It is told of nothing that happened before. */
  readonly since_seq: number;
  readonly pending: number;
  readonly sent: number;
  readonly last_sent_seq: number | null;
  readonly last_sent_at: string | null;
  readonly last_failure: { readonly event_seq: number; readonly at: string; readonly reason: string } | null;
  /** It said that it is not there any more. */
  readonly gone: boolean;
};

/** What of a project's document says who is told of what. */
export type Watched = {
  readonly name: string;
  readonly webhooks: readonly {
    readonly id: string;
    readonly on: readonly string[];
    readonly target_ref: string;
    /** People read there: findings are told by the job. */
    readonly chat: boolean;
  }[];
  readonly commit_status: boolean;
  readonly clawdforge: boolean;
};

/** Of a job that has not been read yet, what a notice of its end depends on. */
export type NoticeJob = {
  readonly project: string;
  /** The sequence of its JobEnqueued. */
  readonly seq: number;
  readonly context: string;
  readonly branch: string;
  /** Whether that is the default branch. */
  readonly isDefault: boolean;
  readonly recipe: string;
  readonly trial: boolean;
  readonly sha: string | null;
  readonly started: boolean;
  readonly announced: boolean;
  readonly cancelled: boolean;
  readonly ended: 'succeeded' | 'failed' | 'cancelled' | null;
};

export const targetKey = (project: string, channel: NoticeChannel, target: string): string =>
  `${project}/${channel}/${target}`;

const chats: ReadonlySet<WebhookFormat> = new Set(['slack', 'mattermost', 'discord']);

/** The part of a project's document that matters here; null when nobody is told of anything. */
export function watchedOf({ name, notify }: ProjectDocument): Watched | null {
  const { webhooks = [], commit_status = false, clawdforge = false } = notify;
  if (webhooks.length === 0 && !commit_status && !clawdforge) return null;
  const kept = webhooks.map(({ id, on, target_ref, format }) => ({ id, on, target_ref, chat: chats.has(format) }));
  return { name, webhooks: kept, commit_status, clawdforge };
}

/** The tables beside the queue: targets, and what the matching of events must remember. */
export function targetTables(db: Database) {
  return {
    targets: docTable<NoticeTarget>(db, {
      table: 'notice_targets',
      key: 'target_key',
      columns: ['project', 'channel', 'pending'],
      values: ({ project, channel, pending }) => [project, channel, pending],
      changing: ['pending'],
    }),
    jobs: docTable<NoticeJob>(db, {
      table: 'notice_jobs',
      key: 'job_id',
      columns: ['project'],
      values: ({ project }) => [project],
      changing: [],
    }),
    watched: docTable<Watched>(db, {
      table: 'notice_projects',
      key: 'project',
      columns: [],
      values: () => [],
      changing: [],
    }),
  };
}

/** Rows that are waiting, and rows that were told and may be told again. */
export function noticeQueue(db: Database) {
  const where = 'project = ? AND channel = ? AND target = ?';
  const insert = db.prepare('INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const settle = db.prepare(
    `UPDATE notices SET due_seq = NULL WHERE ${where} AND event_seq = ? AND due_seq IS NOT NULL`,
  );
  const settleAll = db.prepare(`UPDATE notices SET due_seq = NULL WHERE ${where} AND due_seq IS NOT NULL`);
  const supersede = db.prepare(`DELETE FROM notices WHERE ${where} AND about = ? AND due_seq IS NOT NULL`);
  const replay = db.prepare(
    `UPDATE notices SET due_seq = ?, due_at = ? WHERE ${where} AND event_seq IN (
       SELECT event_seq FROM notices WHERE ${where} AND event_seq >= ? AND due_seq IS NULL ORDER BY event_seq LIMIT ?)`,
  );
  const forget = db.prepare(`DELETE FROM notices WHERE ${where} AND due_seq IS NULL`);
  const prune = db.prepare(
    `DELETE FROM notices WHERE ${where} AND due_seq IS NULL AND event_seq < (
       SELECT event_seq FROM notices WHERE ${where} ORDER BY event_seq DESC LIMIT 1 OFFSET ?)`,
  );
  const remove = db.prepare(`DELETE FROM notices WHERE ${where}`);
  const removeProject = db.prepare('DELETE FROM notices WHERE project = ?');
  type Of = readonly [project: string, channel: NoticeChannel, target: string];
  return {
    add: (of: Of, event: { seq: number; type: string; time: string }, due: boolean, about: string) =>
      insert.run(...of, event.seq, event.type, due ? event.seq : null, event.time, about).changes,
    settle: (of: Of, seq: number) => settle.run(...of, seq).changes,
    settleAll: (of: Of) => settleAll.run(...of),
    supersede: (of: Of, about: string) => supersede.run(...of, about).changes,
    replay: (of: Of, from: number, at: { seq: number; time: string }, most: number) =>
      replay.run(at.seq, at.time, ...of, ...of, from, most).changes,
    forget: (of: Of) => forget.run(...of),
    prune: (of: Of, keep: number) => prune.run(...of, ...of, keep),
    remove: (of: Of) => remove.run(...of),
    removeProject: (project: string) => removeProject.run(project),
  };
}
