import { open } from '../envelope.ts';
import { entityOf } from '../event-filter.ts';
import { currentVersion, type Recorded } from '../registry.ts';
import { subjectOf, subjectToken } from '../subjects.ts';

/** An event as `GET /events` shows it: whole, so that its CloudEvent can be made from it again. */
export type EventLine = {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  /** The entity's id. */
  readonly subject: string;
  readonly time: string;
  readonly source: string;
  readonly causation_id: string | null;
  readonly correlation_id: string;
  readonly entity: string;
  readonly data_version: number;
  readonly data: unknown;
};

/** What is sent of an event over HTTP. */
export function lineOf(event: Recorded): EventLine {
  return {
    seq: event.seq,
    id: event.eventId,
    type: event.type,
    subject: event.entityId,
    time: event.time,
    source: event.source,
    causation_id: event.causationId,
    correlation_id: event.correlationId,
    entity: entityOf(event),
    data_version: currentVersion(event.type),
    data: event.data,
  };
}

/** Upcasts, checks and types a line, also one of an older service. Throws UnopenableEvent. */
export function openLine(line: EventLine): Recorded {
  const headers: Readonly<Record<string, string | null>> = {
    'ce-id': line.id,
    'ce-time': line.time,
    'ce-source': line.source,
    'ce-causationid': line.causation_id,
    'ce-correlationid': line.correlation_id,
    'ce-dataversion': String(line.data_version),
  };
  return open({
    subject: `ct.${line.entity}.${subjectToken(line.subject)}.${line.type}`,
    seq: line.seq,
    payload: JSON.stringify(line.data),
    header: (name) => headers[name] ?? '',
  });
}

/** An event as a CloudEvent 1.0 in structured mode; its extension `sequence` is its place in the log. */
export function cloudEventOf(event: Recorded) {
  return {
    specversion: '1.0',
    id: event.eventId,
    source: event.source,
    type: event.type,
    subject: subjectOf(event.type, event.entityId),
    time: event.time,
    datacontenttype: 'application/json',
    correlationid: event.correlationId,
    ...(event.causationId === null ? {} : { causationid: event.causationId }),
    dataversion: String(currentVersion(event.type)),
    // The extension wants text that sorts as the numbers do.
    sequence: String(event.seq).padStart(15, '0'),
    data: event.data,
  };
}
