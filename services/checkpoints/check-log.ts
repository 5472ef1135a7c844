import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { eventStream } from '../../events/streams.ts';
import { AppError } from '../floor/app-error.ts';
import type { Nats } from '../io/nats/connection.ts';
import { rangeOf, readRange } from '../io/nats/stream-snapshot.ts';
import { anchorName } from './make-checkpoint.ts';
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
  for await (const message of messages) if (!check.take(message)) break;
  return check.end();
}

type Beside = { readonly dataDir: string | null; readonly heads: readonly Anchor[] };

/** The same with the log of a server, and what is kept beside it in the data folder. */
export async function checkLog(nats: Nats, keys: Keys, { dataDir, heads }: Beside): Promise<ChainReport> {
  const range = await rangeOf(nats, eventStream.name);
  const anchor = dataDir === null ? null : await anchorIn(dataDir);
  return checkMessages(readRange(nats, eventStream.name, { first: 1, last: range.last }), keys, [
    ...(anchor === null ? [] : [anchor]),
    ...heads,
  ]);
}

const AnchorShape = Type.Object({ last: Type.Integer(), head: Type.String() });

async function anchorIn(dataDir: string): Promise<Anchor | null> {
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
