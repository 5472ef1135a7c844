// What `crafting-table/events` is. A checkout runs as it is; Node strips no types under node_modules, so a package made
// by `npm pack` holds the same in JavaScript (pack-events.mjs writes it).
const packed = import.meta.url.includes('/node_modules/');
const at = (name) => new URL(packed ? `../../dist/events/${name}.js` : `../${name}.ts`, import.meta.url).href;

export const { subscribe } = await import(at('subscribe/subscribe'));
export const { fileCheckpoint } = await import(at('subscribe/file-checkpoint'));
export const { SubscriptionRefused } = await import(at('subscribe/subscription'));
export const { cloudEventOf } = await import(at('subscribe/event-line'));
export const { events, isEventName } = await import(at('registry'));
export const { open, UnopenableEvent } = await import(at('envelope'));
