import type { Database } from 'better-sqlite3';
import type { Recorded } from '../../events/registry.ts';
import type { Handlers } from '../define.ts';
import type { DigestDueDoc, DigestMailDoc } from './digest-rows.ts';

/** What became of the digests of each date: which are due, which mails were handed over, and with what end. */
export function digestMailHandlers(db: Database): Handlers {
  const dues = documents<DigestDueDoc>(db, 'digest_due');
  const mails = documents<DigestMailDoc>(db, 'digest_mails');
  const addDue = db.prepare('INSERT OR IGNORE INTO digest_due VALUES (?, ?, ?, ?, ?)');
  const addMail = db.prepare('INSERT OR IGNORE INTO digest_mails VALUES (?, ?, ?)');
  const addOverdue = db.prepare('INSERT OR REPLACE INTO digest_overdue VALUES (?, ?, ?)');
  const end = (status: 'sent' | 'failed') => (event: Recorded<'DigestSent' | 'DigestFailed'>) =>
    mails.change(event.entityId, (doc) => {
      if (doc.status === 'sent') return doc;
      const { permanent, reason } = 'reason' in event.data ? event.data : { permanent: true, reason: null };
      return { ...doc, status, permanent, reason, updated_at: event.time };
    });
  return {
    DigestDue: ({ entityId, seq, time, data }) => {
      const doc: DigestDueDoc = { ...data, seq, time, skipped: null };
      addDue.run(entityId, data.date, data.project, seq, JSON.stringify(doc));
    },
    DigestSkipped: ({ entityId, data }) => dues.change(entityId, (doc) => ({ ...doc, skipped: data.reason })),
    DigestSending: ({ entityId, time, data }) => {
      const { date, recipient, projects, message_id, attempt } = data;
      const outcome = { status: 'sending' as const, attempt, permanent: false, reason: null, updated_at: time };
      const doc: DigestMailDoc = { date, recipient, projects, message_id, ...outcome, first_at: time };
      const { changes } = addMail.run(entityId, date, JSON.stringify(doc));
      if (changes === 0) mails.change(entityId, (before) => ({ ...before, projects, ...outcome }));
    },
    DigestSent: end('sent'),
    DigestFailed: end('failed'),
    DigestOverdue: ({ seq, time, data }) => {
      addOverdue.run(data.date, seq, JSON.stringify({ ...data, time }));
    },
  };
}

function documents<Doc>(db: Database, table: string) {
  const find = db.prepare<[string], string>(`SELECT doc FROM ${table} WHERE id = ?`).pluck();
  const keep = db.prepare(`UPDATE ${table} SET doc = ? WHERE id = ?`);
  return {
    change: (id: string, next: (doc: Doc) => Doc) => {
      const doc = find.get(id);
      if (doc !== undefined) keep.run(JSON.stringify(next(JSON.parse(doc))), id);
    },
  };
}
