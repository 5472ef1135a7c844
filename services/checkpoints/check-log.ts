import type { KeyObject } from 'node:crypto';
import { eventStream } from '../../events/streams.ts';
import { AppError } from '../floor/app-error.ts';
import type { Nats } from '../io/nats/connection.ts';
import { aheadOfEvents, rangeOf, readRange, unreadable } from '../io/nats/stream-snapshot.ts';
import { anchorIn } from './kept-anchor.ts';
import { type Anchor, type ChainReport, chainCheck } from './rules/check-chain.ts';
import type { LoggedMessage } from './rules/log-chain.ts';

type Keys = ReadonlyMap<string, KeyObject> | null;

/** Holds a log against its checkpoints. */
export async function checkMessages(
  messages: AsyncIterable<LoggedMessage>,
  keys: Keys,
  anchors: readonly Anchor[],
): Promise<ChainReport> {
  const check = chainCheck(keys, anchors);
  try {
    for await (const message of messages) if (!check.take(message)) break;
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== unreadable) throw error;
    check.unreadable();
  }
  return check.end();
}

type Beside = { readonly dataDir: string | null; readonly heads: readonly Anchor[] };

/** The same with the log of a server, and what is kept beside it in the data folder. */
export async function checkLog(nats: Nats, keys: Keys, { dataDir, heads }: Beside): Promise<ChainReport> {
  const range = await rangeOf(nats, eventStream.name);
  const anchor = dataDir === null ? null : await anchorIn(dataDir);
  return checkMessages(readRange(nats, eventStream.name, { first: 1, last: range.last }, aheadOfEvents), keys, [
    ...(anchor === null ? [] : [anchor]),
    ...heads,
  ]);
}
