import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { farmSignature } from '../../events/people/signing.ts';
import { AppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Anchor } from './rules/check-chain.ts';

/** The newest checkpoint, in the data folder: a log that was cut off behind an earlier one is found out by it. */
export const anchorName = 'checkpoint.json';

const AnchorShape = Type.Object({ last: Type.Integer(), head: Type.String() });

/** The checkpoint that is kept in a data folder; null for none. Throws AppError('invalid') for another file there. */
export async function anchorIn(dataDir: string): Promise<Anchor | null> {
  const file = join(dataDir, anchorName);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  let said: unknown = null;
  try {
    said = JSON.parse(text);
  } catch {}
  if (!Value.Check(AnchorShape, said)) throw new AppError('invalid', `${file} is not what a farm writes there.`);
  return { ...said, where: 'beside the log' };
}

/**
 * Why a log is not the one of the checkpoint that is kept beside it, null where it is. That one is written behind its event: a
 * log whose newest checkpoint is an earlier one has lost it.
 */
export async function rolledBack({
  log,
  dataDir,
}: {
  readonly log: Pick<EventLog, 'last'>;
  readonly dataDir: string | null;
}): Promise<string | null> {
  const kept = dataDir === null ? null : await anchorIn(dataDir).catch(() => null);
  if (kept === null) return null;
  const newest = await log.last('LogCheckpointed', farmSignature);
  const last = newest?.data.last ?? 0;
  if (last > kept.last || (last === kept.last && newest?.data.head === kept.head)) return null;
  return (
    `${anchorName} in the data folder vouches for event ${kept.last}, the log ${last === kept.last ? 'has other events up to there' : `for ${last}`}: ` +
    `the log was rolled back or exchanged. Restore the log, or remove ${anchorName} to go on with this one.`
  );
}
