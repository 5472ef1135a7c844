import type { Cause } from '../events/envelope.ts';
import type { EventName, Recorded } from '../events/registry.ts';

/** What a handler says happens next with the event it was given. */
export type HandlerResult =
  | { readonly next: 'done' }
  | { readonly next: 'retry'; readonly afterMs: number; readonly reason: string }
  /** Somebody outside has to come back first: the event is never given up, however long that takes. */
  | { readonly next: 'wait'; readonly atLeastMs: number; readonly reason: string }
  | { readonly next: 'drop'; readonly reason: string };

export const done: HandlerResult = { next: 'done' };
export const retry = (afterMs: number, reason: string): HandlerResult => ({ next: 'retry', afterMs, reason });
export const wait = (atLeastMs: number, reason: string): HandlerResult => ({ next: 'wait', atLeastMs, reason });
export const drop = (reason: string): HandlerResult => ({ next: 'drop', reason });

/** The cause to give to what a handler appends, so that a redelivered event appends nothing new. */
export type EffectOf = (ordinal: number | string) => Cause;

export type Handler<N extends EventName> = (event: Recorded<N>, effect: EffectOf) => Promise<HandlerResult>;

/** A consumer is a value: its name, how many events it handles at once, and what it does on which event. */
export type Consumer = {
  readonly name: string;
  readonly maxInFlight: number;
  readonly on: { readonly [N in EventName]?: Handler<N> };
  /** Says what becomes of an event that failed too often; what waits for it would wait for ever. */
  readonly onAbandoned?: (event: Recorded, effect: EffectOf, reason: string) => Promise<void>;
};

/** Defines a consumer. Handlers are idempotent: every event may come twice. */
export function defineConsumer(consumer: Consumer): Consumer {
  return consumer;
}

/**
 * A consumer whose handlers are loaded with the first event that comes: a farm that idles does without them. `on` are the
 * events of its handlers, and a test holds both against each other.
 */
export function lateConsumer(
  { name, maxInFlight, on }: Pick<Consumer, 'name' | 'maxInFlight'> & { readonly on: readonly EventName[] },
  load: () => Promise<Consumer>,
): Consumer {
  let loaded: Promise<Consumer> | undefined;
  const whole = () => {
    // What could not be loaded is tried again with the event, which comes again.
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  const handle = async (event: Recorded, effect: EffectOf): Promise<HandlerResult> => {
    const handler = (await whole()).on[event.type] as Handler<EventName> | undefined;
    return handler ? handler(event, effect) : done;
  };
  return {
    name,
    maxInFlight,
    on: Object.fromEntries(on.map((type) => [type, handle])),
    onAbandoned: async (event, effect, reason) => (await whole()).onAbandoned?.(event, effect, reason),
  };
}

/** The cause that an event is for what a consumer appends because of it. */
export function effectOf(consumer: string, event: Recorded): EffectOf {
  return (ordinal) => ({ eventId: event.eventId, correlationId: event.correlationId, consumer, ordinal });
}
