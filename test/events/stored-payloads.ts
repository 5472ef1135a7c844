import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentVersion, type Draft, type EventData, type EventName, events } from '../../events/registry.ts';

const folder = join(import.meta.dirname, 'fixtures');

export const eventNames = Object.keys(events) as EventName[];

/** The names of all stored payloads, `<EventName>.v<version>.json`. */
export function payloadFiles(): string[] {
  return readdirSync(folder);
}

/** A payload as the log holds it: JSON text of one version of an event. */
export function payloadOf(name: EventName, version = currentVersion(name)): string {
  return readFileSync(join(folder, `${name}.v${version}.json`), 'utf8');
}

/** Valid data of an event, with some fields changed. */
export function sampleData<N extends EventName>(name: N, changes: Partial<EventData<N>> = {}): EventData<N> {
  return { ...(JSON.parse(payloadOf(name)) as EventData<N>), ...changes };
}

/** A valid event of this entity. */
export function sampleDraft<N extends EventName>(name: N, id: string, changes: Partial<EventData<N>> = {}): Draft<N> {
  return { type: name, id, data: sampleData(name, changes) } as Draft<N>;
}
