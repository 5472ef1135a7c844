import type { Counts, Section } from './digest-section.ts';
import { subjectOf } from './digest-subject.ts';

/** A mail before it is a mail: what it says of each project of one recipient. */
export type DigestContent = {
  /** The day that it belongs to, `YYYY-MM-DD` in the time zone of the digest. */
  readonly date: string;
  /** That time zone, an IANA name; null where it is not said. */
  readonly timezone?: string | null;
  readonly subject: string;
  readonly sections: readonly Section[];
};

/** Makes the content out of its sections, in their order; equal sections make equal content. */
export function digestOf(date: string, sections: readonly Section[]): DigestContent {
  return { date, subject: subjectOf(sections), sections };
}

/** The sums that the log keeps of a mail. */
export function countsOf({ sections }: DigestContent) {
  const sum = (name: keyof Counts) => sections.reduce((total, { counts }) => total + counts[name], 0);
  return {
    jobs: sum('jobs'),
    new_findings: sum('new_findings'),
    resolved_findings: sum('resolved_findings'),
    patches: sum('patches'),
  };
}

/** `Wednesday 29 April 2026` */
function dayWords(date: string): string {
  const day = new Date(`${date}T12:00:00Z`);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en', { timeZone: 'UTC', ...options }).format(day);
  return `${part({ weekday: 'long' })} ${day.getUTCDate()} ${part({ month: 'long' })} ${day.getUTCFullYear()}`;
}

/** The day of a digest, and in which time zone it is one. */
export function daySaid({ date, timezone = null }: Pick<DigestContent, 'date' | 'timezone'>): string {
  return timezone === null ? dayWords(date) : `${dayWords(date)} (${timezone})`;
}

/** What stands in for a project that is not there any more. */
export const removedWords = 'This project was removed; what was said of it here is no longer shown.';
export const quietWords = 'Nothing happened.';
export const footerWords =
  'You get this because your address stands in notify.email of these projects; notify.on chooses what is told.';
