import type { JsMsg } from '@nats-io/jetstream';
import { open } from '../../events/envelope.ts';
import { matchesFilter } from '../../events/event-filter.ts';
import type { EventFilter } from '../../events/people/account.ts';
import type { EventName, Recorded } from '../../events/registry.ts';
import { parseSubject } from '../../events/subjects.ts';
import { headerLinesOf, headerReaderOf } from '../io/nats/log/header-reader.ts';

/** A message of the log as it was stored; what is costly about it is made when it is asked for. */
export type LogMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** The event's name, or null for one that this version does not know. */
  readonly type: EventName | null;
  /** An operator has passed over it: nobody wants it. */
  readonly isPassed?: boolean;
  /** Throws UnopenableEvent. */
  readonly event: () => Recorded;
  readonly eventId: () => string;
  /** Its headers as lines, without those that speak to the server. */
  readonly headerLines: () => string;
};

export function logMessageOf(message: JsMsg, seq: number): LogMessage {
  const { subject, data } = message;
  let event: Recorded | undefined;
  let eventId: string | undefined;
  let lines: string | undefined;
  return {
    seq,
    subject,
    payload: data,
    type: parseSubject(subject)?.type ?? null,
    event: () => {
      event ??= open({ subject, seq, payload: message.string(), header: headerReaderOf(message) });
      return event;
    },
    eventId: () => {
      eventId ??= headerReaderOf(message)('ce-id');
      return eventId;
    },
    headerLines: () => {
      lines ??= headerLinesOf(message);
      return lines;
    },
  };
}

/** Whether a message passes the filter of a subscriber. Mostly the subject says so; only what needs it is opened. */
export function isWanted(filter: EventFilter, message: LogMessage): boolean {
  if (message.isPassed) return false;
  const { events, projects, severities } = filter;
  if (events.length > 0 && !events.some((name) => name === message.type)) return false;
  return projects.length + severities.length === 0 || matchesFilter(filter, message.event());
}
