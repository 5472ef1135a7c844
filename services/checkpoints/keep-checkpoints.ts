import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { farmSignature } from '../../events/people/signing.ts';
import { restoredNote } from '../backup/restore-backup.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import { rolledBack } from './kept-anchor.ts';
import { type CheckpointDeps, makeCheckpoint } from './make-checkpoint.ts';

const hour = 3_600_000;

/** One checkpoint an hour, as long as something happens; and at once after a restore, so that it is seen where it began. */
export function keepCheckpoints(
  deps: CheckpointDeps & { readonly clock: Clock; readonly logger: Log },
): () => Promise<void> {
  const { log, clock, logger, dataDir } = deps;
  let isRestored = dataDir !== null && existsSync(join(dataDir, restoredNote));
  let told: string | null = null;
  return async () => {
    try {
      const lost = isRestored ? null : await rolledBack(deps);
      if (lost !== null && lost !== told)
        logger.error({ error: lost }, 'the log does not hold what was vouched for, no checkpoint is made');
      told = lost;
      if (lost !== null) return;
      const newest = (await log.last('LogCheckpointed', farmSignature)) ?? (await log.at(1));
      if (!isRestored && (newest === null || clock.now() - Date.parse(newest.time) < hour)) return;
      await makeCheckpoint(isRestored ? 'restored' : 'hourly', deps);
      isRestored = false;
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'no checkpoint of the log could be made, trying again');
    }
  };
}
