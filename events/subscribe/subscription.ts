import type { Severity } from '../finding.ts';
import type { EventName, Recorded } from '../registry.ts';
import type { Checkpoint } from './file-checkpoint.ts';

/** An event that this version of the library does not know, or cannot open. */
export type UnknownEvent = {
  readonly seq: number;
  readonly type: string;
  /** Why it could not be opened. */
  readonly reason: string;
  /** What came: over HTTP the whole line, over NATS the data. */
  readonly raw: unknown;
};

/** What went wrong and is tried again. */
export type Trouble = {
  readonly where: 'connection' | 'handler' | 'checkpoint' | 'unknown-event';
  readonly message: string;
  /** How often it has gone wrong in a row. */
  readonly attempt: number;
  /** Of the event at hand. */
  readonly seq?: number;
};

/** The state of the farm after the event `seq`; when the log moved while it was read, parts of it are newer. At most 100,000 a list, newest first. */
export type Snapshot = {
  readonly seq: number;
  readonly projects: readonly Record<string, unknown>[];
  /** The open ones. */
  readonly findings: readonly Record<string, unknown>[];
  readonly jobs: readonly Record<string, unknown>[];
};

/** Where the log begins for a subscriber that has no checkpoint yet. */
export type From = 'start' | 'now' | { readonly sequence: number } | { readonly date: Date | string };

/** A subscriber's own consumer, as the service made it. */
export type NatsAccess = {
  readonly url: string;
  readonly stream: string;
  readonly consumer: string;
  /** The seed of the subscriber's key, or the file that holds it. */
  readonly seed?: string;
  readonly seedFile?: string;
  /** Under what name the API of JetStream is reached, `$JS.CT.API` in an account made by the service. */
  readonly apiPrefix?: string;
  /** The certificate of the authority that signed the server's, as PEM, when the machine does not know it. */
  readonly ca?: string;
};

export type SubscribeOptions<N extends EventName = EventName> = {
  /** The address of the service, for events over HTTP and for a snapshot. */
  readonly url?: string;
  readonly token?: string;
  /** Events over NATS instead. Where they begin was said when the subscriber was added. */
  readonly nats?: NatsAccess;
  readonly from?: From;
  /** Filters: none of a kind leaves nothing out. Severities are those of findings that appear. */
  readonly events?: readonly N[];
  readonly projects?: readonly string[];
  readonly severities?: readonly Severity[];
  readonly checkpoint?: Checkpoint;
  /** Is given the present state first, when there is no checkpoint yet; the events after it follow without a gap. */
  readonly snapshot?: (snapshot: Snapshot) => Promise<void> | void;
  /** Is given what this version does not know; without it that is passed over, and told to `onTrouble`. */
  readonly onUnknown?: (event: UnknownEvent) => Promise<void> | void;
  /** Hears of everything that is tried again. */
  readonly onTrouble?: (trouble: Trouble) => void;
  /** Ends the subscription after the handler at work. */
  readonly signal?: AbortSignal;
};

export type Handler<N extends EventName> = (event: Recorded<N>) => Promise<void> | void;

/** What a connection delivers, in order: an event, one that could not be opened, or how far the log has been looked at. */
export type Delivery = {
  readonly seq: number;
  readonly event?: Recorded;
  readonly unknown?: UnknownEvent;
  /** Called when this is done with and the checkpoint is saved. */
  readonly done?: () => void;
  /** Called now and then while a handler is at work. */
  readonly working?: () => void;
};

/** One connection's deliveries after a sequence (null: from where the options say); it ends or throws when it breaks. */
export type Connection = (after: number | null, signal: AbortSignal) => AsyncIterable<Delivery>;

/** Something that trying again does not mend: a refused bearer, a wrong filter. */
export class SubscriptionRefused extends Error {
  override name = 'SubscriptionRefused';
}
