import type { Database } from 'better-sqlite3';
import { type NoticeChannel, type NoticeTarget, targetKey } from './notice-targets.ts';
import { mostReplayed } from './notices.ts';

/** An event of which a target has yet to be told. `due_seq` is its own sequence, or that of the request to replay it. */
export type DueNotice = {
  readonly event_seq: number;
  readonly event_type: string;
  readonly due_seq: number;
  /** Since when it is due. */
  readonly due_at: string;
};

export type WaitingTarget = {
  readonly key: string;
  readonly project: string;
  readonly channel: NoticeChannel;
  readonly target: string;
};

/** Finds who is to be told of what. */
export function noticeQueries(db: Database) {
  const waiting = db.prepare<[], { key: string; project: string; channel: NoticeChannel }>(
    'SELECT target_key AS key, project, channel FROM notice_targets WHERE pending > 0',
  );
  const next = db.prepare<[string, string, string], DueNotice>(
    `SELECT event_seq, event_type, due_seq, due_at FROM notices INDEXED BY notices_due
     WHERE project = ? AND channel = ? AND target = ? AND due_seq IS NOT NULL ORDER BY due_seq, event_seq LIMIT 1`,
  );
  const one = db.prepare<[string], string>('SELECT doc FROM notice_targets WHERE target_key = ?').pluck();
  const replayable = db
    .prepare<[string, string, number], number>(
      `SELECT count(*) FROM notices
       WHERE project = ? AND channel = 'webhook' AND target = ? AND event_seq >= ? AND due_seq IS NULL`,
    )
    .pluck();
  const pending = db.prepare<[], { channel: NoticeChannel; pending: number }>(
    'SELECT channel, sum(pending) AS pending FROM notice_targets WHERE pending > 0 GROUP BY channel',
  );
  return {
    /** Targets that have yet to be told of something. */
    waiting: (): WaitingTarget[] =>
      waiting.all().map((row) => ({ ...row, target: row.key.slice(targetKey(row.project, row.channel, '').length) })),
    /** The first event of which a target has yet to be told. */
    next: (project: string, channel: NoticeChannel, target: string): DueNotice | undefined =>
      next.get(project, channel, target),
    target: (project: string, channel: NoticeChannel, target: string): NoticeTarget | undefined => {
      const doc = one.get(targetKey(project, channel, target));
      return doc === undefined ? undefined : JSON.parse(doc);
    },
    /** How many events a replay from this sequence on would bring again. */
    replayable: (project: string, webhook: string, from: number): number =>
      Math.min(replayable.get(project, webhook, from) ?? 0, mostReplayed),
    pending: () => Object.fromEntries(pending.all().map((row) => [row.channel, row.pending])),
  };
}
