import { events } from '../../../events/registry.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The data of every event, by name, as one JSON Schema document. */
export function eventSchemas(version: string): string {
  const $defs = Object.fromEntries(Object.entries(events).map(([name, { data }]) => [name, data]));
  return JSON.stringify({ $schema: dialect, title: `Events of crafting-table ${version}`, $defs });
}

/** Every named schema of the API, as one JSON Schema document. */
export function apiSchemas({ components }: { components?: { schemas?: object } }, version: string): string {
  const text = JSON.stringify({
    $schema: dialect,
    title: `API of crafting-table ${version}`,
    $defs: components?.schemas ?? {},
  });
  return text.replaceAll('"#/components/schemas/', '"#/$defs/');
}
