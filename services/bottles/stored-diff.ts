import { AppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';

/** What a bottle changed, as git prints it against `sha`. */
type StoredDiff = {
  readonly diff: string;
  readonly digest: string;
  readonly sha: string;
  readonly files: number;
};

type DiffDeps = { readonly log: Pick<EventLog, 'last'>; readonly bottles: Pick<BottleStore, 'get'> };

/** The diff of a bottle; null when it changed nothing. AppError('not_found') while it has not ended, or when it is deleted. */
export async function storedDiff(bottleId: string, { log, bottles }: DiffDeps): Promise<StoredDiff | null> {
  const ended = await log.last('AgentRunEnded', bottleId);
  if (!ended) throw new AppError('not_found', `The bottle ${bottleId} has not ended, or there is none.`);
  const { diff, sha } = ended.data;
  if (diff === null || sha === null) return null;
  const bytes = await bottles.get(diff.digest);
  if (bytes === null) throw new AppError('not_found', `What the bottle ${bottleId} left is deleted.`);
  return { diff: bytes.toString('utf8'), digest: diff.digest, sha, files: diff.files };
}
