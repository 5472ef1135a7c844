import type { Cause } from '../events/envelope.ts';
import type { EventName, Recorded } from '../events/registry.ts';

/** What a handler says happens next with the event it was given. */
export type HandlerResult =
  | { readonly next: 'done' }
  | { readonly next: 'retry'; readonly afterMs: number; readonly reason: string }
  | { readonly next: 'drop'; readonly reason: string };

export const done: HandlerResult = { next: 'done' };
export const retry = (afterMs: number, reason: string): HandlerResult => ({ next: 'retry', afterMs, reason });
export const drop = (reason: string): HandlerResult => ({ next: 'drop', reason });

/** The cause to give to what a handler appends, so that a redelivered event appends nothing new. */
export type EffectOf = (ordinal: number | string) => Cause;

export type Handler<N extends EventName> = (event: Recorded<N>, effect: EffectOf) => Promise<HandlerResult>;

/** A consumer is a value: its name, how many events it handles at once, and what it does on which event. */
export type Consumer = {
  readonly name: string;
  readonly maxInFlight: number;
  readonly on: { readonly [N in EventName]?: Handler<N> };
};

/** Defines a consumer. Handlers are idempotent: every event may come twice. */
export function defineConsumer(consumer: Consumer): Consumer {
  return consumer;
}

/** The cause that an event is for what a consumer appends because of it. */
export function effectOf(consumer: string, event: Recorded): EffectOf {
  return (ordinal) => ({ eventId: event.eventId, correlationId: event.correlationId, consumer, ordinal });
}
