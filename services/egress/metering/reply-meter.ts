import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { parseJson } from '../../floor/text/parse-json.ts';
import { fieldsOf } from '../rules/json-fields.ts';
import { sseReader } from '../rules/sse-reader.ts';
import { newReading, type Reading, type WireFormat } from '../wire/define.ts';

/** Reads what an answer took, from the same bytes that go on to the agent. */
export type ReplyMeter = {
  readonly reading: Reading;
  take(chunk: Uint8Array): void;
  /** Reads to the end of what came, also of what broke off. */
  finish(): Promise<Reading>;
};

/** `content-type` and `content-encoding` of an answer. */
export type ReplyKind = { readonly type: string; readonly encoding: string };

const mostBody = 64 * 2 ** 20;
/** What an answer of 64 MiB can be blown up to; a reading stops there. */
const mostDecoded = 512 * 2 ** 20;

/** A meter for one answer. Of an encoding that cannot be read it learns nothing. */
export function replyMeter(format: WireFormat, { type, encoding }: ReplyKind): ReplyMeter {
  const reading = newReading();
  const reader = /^text\/event-stream\b/i.test(type) ? streamReader(format, reading) : bodyReader(format, reading);
  const decoder = decoderOf(encoding.trim().toLowerCase());
  if (decoder === 'plain') return plainMeter(reading, reader);
  if (decoder === null) return { reading, take: () => {}, finish: async () => reading };
  let decoded = 0;
  decoder.on('data', (chunk: Buffer) => {
    decoded += chunk.length;
    if (decoded <= mostDecoded) reader.take(chunk);
  });
  // What broke off ends with an error; what was decoded until then counts.
  const over = Promise.race([once(decoder, 'end'), once(decoder, 'close')]).catch(() => {});
  return {
    reading,
    take: (chunk) => void decoder.write(chunk),
    finish: async () => {
      decoder.end();
      await over;
      reader.end();
      decoder.destroy();
      return reading;
    },
  };
}

type Reader = { take(chunk: Uint8Array): void; end(): void };

function plainMeter(reading: Reading, reader: Reader): ReplyMeter {
  return {
    reading,
    take: reader.take,
    finish: async () => {
      reader.end();
      return reading;
    },
  };
}

function streamReader(format: WireFormat, reading: Reading): Reader {
  const events = sseReader();
  return {
    take: (chunk) => {
      for (const event of events.take(chunk)) format.readEvent(reading, event);
    },
    end: () => {
      for (const event of events.end()) format.readEvent(reading, event);
    },
  };
}

function bodyReader(format: WireFormat, reading: Reading): Reader {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    take: (chunk) => {
      size += chunk.length;
      if (size <= mostBody) chunks.push(Buffer.from(chunk));
    },
    end: () => {
      if (size > mostBody) return;
      const body = parseJson(Buffer.concat(chunks).toString('utf8'));
      // A stream of Gemini without `alt=sse` is one list of its pieces.
      for (const piece of Array.isArray(body) ? body : [body]) format.readBody(reading, fieldsOf(piece));
      chunks.length = 0;
    },
  };
}

/** What opens an encoding; null where nothing does. */
export function decoderOf(encoding: string): Transform | 'plain' | null {
  switch (encoding) {
    case '':
    case 'identity':
      return 'plain';
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    case 'deflate':
      return createInflate();
    default:
      return null;
  }
}
