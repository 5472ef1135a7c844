import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointOccasion, farmSignature, mostInCheckpoint } from '../../events/people/signing.ts';
import { eventStream } from '../../events/streams.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Nats } from '../io/nats/connection.ts';
import { aheadOfEvents, readRange } from '../io/nats/stream-snapshot.ts';
import type { Vault } from '../io/sealing/vault.ts';
import { signed, signingKey } from '../statements/farm-signature.ts';
import { anchorName, rolledBack } from './kept-anchor.ts';
import { emptyHead, headAfter, keptOf, Leaves, leafOf, signedBytes } from './rules/log-chain.ts';

export type CheckpointDeps = {
  readonly nats: Nats;
  readonly log: EventLog;
  readonly vault: Vault;
  /** Where the newest one is kept beside the log; null: nowhere. */
  readonly dataDir: string | null;
};

/**
 * Vouches for all that the log holds by now, with as many checkpoints as that takes. Nothing new: nothing is appended. Nor
 * to a log that lost what was vouched for, except after a restore: a new checkpoint would hide that.
 */
export async function makeCheckpoint(occasion: CheckpointOccasion, deps: CheckpointDeps): Promise<void> {
  const { log, nats, dataDir } = deps;
  if (occasion !== 'restored' && (await rolledBack(deps)) !== null) return;
  const end = await log.end();
  for (;;) {
    const newest = await log.last('LogCheckpointed', farmSignature);
    const first = (newest?.data.last ?? 0) + 1;
    // A checkpoint that vouches for nothing but the one before would be followed by another one, for ever.
    if (first > end || (first === end && newest?.seq === end && occasion !== 'restored')) return;
    const key = await signingKey(deps);
    const last = Math.min(end, first + mostInCheckpoint - 1);
    const leaves = new Leaves();
    for await (const message of readRange(nats, eventStream.name, { first, last }, aheadOfEvents))
      leaves.add(leafOf(message));
    const all = leaves.first(leaves.length);
    const previous = newest?.data.head ?? emptyHead;
    const data = {
      ...{ occasion, first, last, previous },
      head: headAfter(previous, all),
      leaves: keptOf(all).toString('base64'),
    };
    const signature = signed(signedBytes(data), key);
    const draft = { ...data, key_id: key.keyId, signature };
    const made = await appendOnce(
      log,
      { type: 'LogCheckpointed', id: farmSignature, data: draft },
      { expect: newest?.seq ?? 0 },
    );
    if (made.outcome === 'appended' && dataDir !== null)
      await writeFile(join(dataDir, anchorName), `${JSON.stringify({ last, head: data.head })}\n`, { mode: 0o600 });
    if (last >= end) return;
  }
}
