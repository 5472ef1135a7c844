import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { AppError } from '../floor/app-error.ts';
import { type Redactor, redactorOf } from '../floor/text/redactor.ts';
import { decoderOf } from './metering/reply-meter.ts';
import type { Provider } from './providers/provider-file.ts';

const known = new WeakMap<Provider, Redactor>();

/** Keeps the key of a provider out of what it answers: some repeat it in an error, and an agent prints what it is told. */
export function keyMask(provider: Provider): Redactor {
  const mask = known.get(provider) ?? redactorOf([provider.key]);
  known.set(provider, mask);
  return mask;
}

/**
 * The bytes of an answer, opened where they are compressed although nobody asked for that: in those the key would not be seen.
 * `take` gets them as they came. Throws AppError('unavailable') for an encoding that cannot be opened.
 */
export function openedReply(
  reply: IncomingMessage,
  encoding: string,
  take: (chunk: Buffer) => void,
): AsyncIterable<Buffer> {
  const decoder = decoderOf(encoding.trim().toLowerCase());
  if (decoder === null)
    throw new AppError(
      'unavailable',
      'The provider answers in an encoding that cannot be read, and was not asked for.',
    );
  if (decoder === 'plain') return told(reply, take);
  reply.on('data', take);
  return pipeline(reply, decoder, () => {}) as AsyncIterable<Buffer>;
}

async function* told(reply: IncomingMessage, take: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    take(chunk);
    yield chunk;
  }
}
