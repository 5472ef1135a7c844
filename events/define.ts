import type { Static, TObject } from '@sinclair/typebox';

/** What an event is about; the second token of its subject. */
type Entity =
  | 'token'
  | 'secret'
  | 'team'
  | 'project'
  | 'job'
  | 'finding'
  | 'patch'
  | 'filter'
  | 'forge'
  | 'grant'
  | 'schedule'
  | 'digest'
  | 'notice'
  | 'delivery'
  | 'subscriber'
  | 'runner'
  | 'registration'
  | 'recipes'
  | 'farm'
  | 'bottle'
  | 'budget'
  | 'spend'
  | 'log'
  | 'signing'
  | 'work';

/** Turns the data of one version into that of the next. */
type Upcast = (data: Record<string, unknown>) => Record<string, unknown>;

/** One event: its name (past tense with its noun), its entity, and the closed schema of its newest data. */
export type EventDefinition<Name extends string = string, Data extends TObject = TObject> = {
  readonly name: Name;
  readonly entity: Entity;
  readonly data: Data;
  /** Oldest first. An event is never edited: a change of `data` adds an upcast, and the version is upcasts + 1. */
  readonly upcasts: readonly Upcast[];
};

/** Defines an event. */
export function defineEvent<const Name extends string, Data extends TObject>(
  name: Name,
  entity: Entity,
  data: Data,
  upcasts: readonly Upcast[] = [],
): EventDefinition<Name, Data> {
  return { name, entity, data, upcasts };
}

/** The data of an event, from its definition. */
export type DataOf<Definition> =
  Definition extends EventDefinition<string, infer Data extends TObject> ? Static<Data> : never;

/** The version of an event's data that is written today. */
export function versionOf(definition: EventDefinition): number {
  return definition.upcasts.length + 1;
}
