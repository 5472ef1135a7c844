import { createHash, randomUUID } from 'node:crypto';
import type { TObject } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { currentVersion, type Draft, type EventName, events, type Recorded } from './registry.ts';
import { textualJson } from './strange-text.ts';
import { parseSubject, subjectOf } from './subjects.ts';

/** What caused an event, and which of its several effects this one is. */
export type Cause = {
  readonly eventId: string;
  readonly correlationId: string;
  readonly consumer: string;
  readonly ordinal: number | string;
};

/** An event ready to be stored: CloudEvents 1.0, binary mode (attributes in headers, the payload is the data alone). */
export type Sealed = {
  readonly subject: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
};

type Sealing = {
  readonly source: string;
  readonly now: Date;
  readonly cause?: Cause;
  readonly eventId?: string;
  /** The token in whose name it is appended. */
  readonly actor?: string | null;
};

/** A stored message that is not an event of ours, or not one that this version can open. */
export class UnopenableEvent extends Error {
  override name = 'UnopenableEvent';
  /** Where the message lies in the log; 0 for one that was never stored. */
  readonly seq: number;

  constructor(message: string, seq = 0) {
    super(message);
    this.seq = seq;
  }
}

const checks = new Map<EventName, TypeCheck<TObject>>();

function checkOf(type: EventName): TypeCheck<TObject> {
  let check = checks.get(type);
  if (!check) {
    check = TypeCompiler.Compile(events[type].data as TObject);
    checks.set(type, check);
  }
  return check;
}

function firstFault(type: EventName, data: unknown): string {
  const fault = checkOf(type).Errors(data).First();
  return fault ? `${type}${fault.path}: ${fault.message}` : `${type}: does not fit its schema`;
}

/** The id that the n-th effect of a cause in a consumer always has, so that a redelivered cause appends nothing new. */
export function deriveEventId(cause: Pick<Cause, 'eventId' | 'consumer' | 'ordinal'>): string {
  return createHash('sha256')
    .update(`${cause.eventId}\n${cause.consumer}\n${cause.ordinal}`)
    .digest('hex')
    .slice(0, 32);
}

/** Checks the data and makes the envelope. Throws UnopenableEvent when the data does not fit its schema. */
export function seal(draft: Draft, { source, now, cause, eventId, actor }: Sealing): Sealed {
  if (!checkOf(draft.type).Check(draft.data)) throw new UnopenableEvent(firstFault(draft.type, draft.data));
  const id = eventId ?? (cause ? deriveEventId(cause) : randomUUID());
  const subject = subjectOf(draft.type, draft.id);
  const headers: Record<string, string> = {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-type': draft.type,
    'ce-source': source,
    'ce-time': now.toISOString(),
    'ce-subject': subject,
    'ce-correlationid': cause?.correlationId ?? id,
    'ce-dataversion': String(currentVersion(draft.type)),
  };
  if (cause) headers['ce-causationid'] = cause.eventId;
  if (actor) headers['ce-actor'] = actor;
  return { subject, id, headers, payload: textualJson(draft.data) };
}

/** What a stored message offers; `header` answers '' for a header that is not there. */
export type Stored = {
  readonly subject: string;
  readonly seq: number;
  readonly payload: string;
  readonly header: (name: string) => string;
};

/** Upcasts, checks and types a stored message. Throws UnopenableEvent. */
export function open(stored: Stored): Recorded {
  const parsed = parseSubject(stored.subject);
  if (!parsed)
    throw new UnopenableEvent(`sequence ${stored.seq}: subject ${stored.subject} is not an event of ours`, stored.seq);
  const { type, id } = parsed;
  const data = upcast(type, stored);
  if (!checkOf(type).Check(data))
    throw new UnopenableEvent(`sequence ${stored.seq}: ${firstFault(type, data)}`, stored.seq);
  const eventId = stored.header('ce-id');
  return {
    type,
    entityId: id,
    data,
    seq: stored.seq,
    eventId,
    time: stored.header('ce-time'),
    source: stored.header('ce-source'),
    causationId: stored.header('ce-causationid') || null,
    correlationId: stored.header('ce-correlationid') || eventId,
    actor: stored.header('ce-actor') || null,
  } as Recorded;
}

function upcast(type: EventName, stored: Stored): Record<string, unknown> {
  const version = Number(stored.header('ce-dataversion') || 1);
  const newest = currentVersion(type);
  if (!(version >= 1 && version <= newest)) {
    throw new UnopenableEvent(
      `sequence ${stored.seq}: ${type} has version ${version}, this build reads up to ${newest}; upgrade it`,
      stored.seq,
    );
  }
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(stored.payload);
  } catch {
    throw new UnopenableEvent(`sequence ${stored.seq}: the payload of ${type} is not JSON`, stored.seq);
  }
  try {
    for (const step of events[type].upcasts.slice(version - 1)) data = step(data);
  } catch {
    throw new UnopenableEvent(`sequence ${stored.seq}: ${type} does not fit its version ${version}`, stored.seq);
  }
  return data;
}
