import { type EventName, events, isEventName } from './registry.ts';

const safe = /^[A-Za-z0-9_-]+$/;

/** An id as one token of a subject: letters, digits, `_` and `-` stand for themselves, any other byte as `=XX`. */
export function subjectToken(id: string): string {
  if (safe.test(id)) return id;
  return [...Buffer.from(id, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return safe.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** The id that a token stands for. */
export function fromSubjectToken(token: string): string {
  if (!token.includes('=')) return token;
  return decodeURIComponent(token.replaceAll('=', '%'));
}

/** `ct.<entity>.<id>.<EventName>` */
export function subjectOf(type: EventName, id: string): string {
  return `ct.${events[type].entity}.${subjectToken(id)}.${type}`;
}

/** The subject filter for every event of a name. */
export function filterOf(type: EventName): string {
  return `ct.${events[type].entity}.*.${type}`;
}

/** Takes a subject apart; null when it is not one of ours. */
export function parseSubject(subject: string): { type: EventName; id: string } | null {
  const typeAt = subject.lastIndexOf('.') + 1;
  const type = subject.slice(typeAt);
  if (!isEventName(type)) return null;
  const prefix = `ct.${events[type].entity}.`;
  if (!subject.startsWith(prefix)) return null;
  const token = subject.slice(prefix.length, typeAt - 1);
  return token === '' || token.includes('.') ? null : { type, id: fromSubjectToken(token) };
}

/** Below it lie the requests of a runner with a credential of its own, `<runner>` as one token: its inbox at the farm. */
export function claimSubject(runner: string): string {
  return `ct-claim.${runner}`;
}
