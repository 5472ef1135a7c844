const meta = (name: string): string => document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? '';

/** Where a proxy keeps the service, such as `/farm`; empty at the root. */
export const base = meta('crafting-base');

/** What this page was made of. */
export const ownHash = meta('crafting-hash');

/** Where the pages are. */
export const pagesBase = `${base}/ui`;
