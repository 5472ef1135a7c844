/** The streams and buckets of the farm, as data: `services/io` makes them. Durations in milliseconds, sizes in bytes. */

const hour = 3_600_000;

/** The log: one total order of everything that happened. Nothing in it expires or can be deleted. */
export const eventStream = {
  name: 'CT_EVENTS',
  subjects: ['ct.>'],
  /** Two appends with one id inside this window are one; beyond it the expected sequence protects. */
  duplicateWindowMs: 2 * hour,
} as const;

/** What recipes print, in chunks, and the result files they leave; not events. */
export const logStream = {
  name: 'CT_LOGS',
  subjects: ['ct-log.>', 'ct-report.>'],
  maxReportPieceBytes: 512 * 1024,
  maxChunkBytes: 64 * 1024,
  /** A chunk may be sent again for as long as its writer waits for the server. */
  duplicateWindowMs: 120_000,
} as const;

/** What each subscriber is to hear, copied out of the log in its order: one subject a subscriber, `ct-sub.<name>`. */
export const subscriberStream = {
  name: 'CT_SUBSCRIBERS',
  subjects: ['ct-sub.*'],
  duplicateWindowMs: 120_000,
} as const;

/** Sealed credentials and mail addresses; old values are erased, not kept. */
export const vaultBucket = { name: 'CT_SECRETS', ttlMs: 0 } as const;

/** Who runs jobs at the moment: one key a runner, renewed while it lives. */
export const leaseBucket = { name: 'CT_LEASES', ttlMs: 24 * hour } as const;

/** Sealed first answers to requests with an Idempotency-Key. */
export const idempotencyBucket = { name: 'CT_IDEMPOTENCY', ttlMs: 24 * hour } as const;

/** Sessions of browsers, by the hash of what the browser holds; one that is not used ends. */
export const sessionBucket = { name: 'CT_SESSIONS', ttlMs: 7 * 24 * hour } as const;

/** Positions in the log that only save work: losing them costs a longer replay. */
export const hintBucket = { name: 'CT_HINTS', ttlMs: 0 } as const;

/** Copies of read models, from which a further host goes on; each can be made again from the log. */
export const snapshotBucket = { name: 'CT_SNAPSHOTS' } as const;

/** What bottles leave, sealed and by the digest of what it is: diffs, and frozen states that a later run goes on from. */
export const bottleBucket = { name: 'CT_BOTTLES', ttlMs: 30 * 24 * hour } as const;

/** Everything larger than this is refused before it is sent; the server's own limit is 1 MiB with headers. */
export const maxEventBytes = 1_000_000;
