import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { UsageCounts } from '../../../../events/work/budget.ts';
import { replyMeter } from '../../../../services/egress/metering/reply-meter.ts';
import { anthropicMessages } from '../../../../services/egress/wire/anthropic-messages.ts';
import { geminiGenerate } from '../../../../services/egress/wire/gemini-generate.ts';
import { openaiChat } from '../../../../services/egress/wire/openai-chat.ts';
import { openaiResponses } from '../../../../services/egress/wire/openai-responses.ts';
import { replyShapes, type Said, type ShapeName, sayable } from '../../../support/provider-replies.ts';

const formats = {
  anthropic: anthropicMessages,
  chat: openaiChat,
  gemini: geminiGenerate,
  responses: openaiResponses,
} as const;
const encodings = {
  '': (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
  deflate: (bytes: Buffer) => deflateSync(bytes),
} as const;

const tokens = fc.nat({ max: 200_000 });
const counts: fc.Arbitrary<UsageCounts> = fc
  .record({
    input_tokens: tokens,
    cache_read_tokens: tokens,
    cache_write_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: fc.nat({ max: 100 }),
    tool_calls: fc.nat({ max: 3 }),
  })
  .map((usage) => ({ ...usage, output_tokens: usage.output_tokens + usage.reasoning_tokens }));
const reply = fc.record({
  shape: fc.constantFrom(...(Object.keys(formats) as ShapeName[])),
  streams: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[])),
  usage: counts,
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
  borders: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 20 }),
});

/** The bytes of an answer, and what reads it. */
function bytesOf(shape: ShapeName, said: Said, streams: boolean, lineEnd: string): Buffer {
  const { events, whole } = replyShapes[shape];
  return Buffer.from(streams ? events(said).join('').replaceAll('\n', lineEnd) : JSON.stringify(whole(said)));
}

function* parted(bytes: Buffer, borders: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, borders[turn % borders.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const read = (shape: ShapeName, streams: boolean, encoding: string) =>
  replyMeter(formats[shape], { type: streams ? 'text/event-stream; charset=utf-8' : 'application/json', encoding });

describe('the meter of a reply', () => {
  const numRuns = Number(process.env.CRAFTING_TEST_REPLIES ?? 1_500);

  it('counts every token of every format, encoding and line end, wherever the bytes are parted', async () => {
    let off = 0;
    await fc.assert(
      fc.asyncProperty(reply, async ({ shape, streams, lineEnd, encoding, usage, text, borders }) => {
        const said = { model: 'some-model-1', text, usage };
        const meter = read(shape, streams, encoding);
        const bytes = encodings[encoding](bytesOf(shape, said, streams, lineEnd));
        for (const piece of parted(bytes, borders)) meter.take(piece);
        const { usage: seen, isFinal, model } = await meter.finish();
        if (JSON.stringify(seen) !== JSON.stringify(seen && { ...seen, ...sayable(shape, usage) })) off += 1;
        assert.deepEqual(seen, sayable(shape, usage));
        assert.equal(isFinal, true);
        assert.equal(model, 'some-model-1');
      }),
      { numRuns },
    );
    assert.equal(off, 0);
  });

  for (const shape of Object.keys(formats) as ShapeName[]) {
    const usage = {
      input_tokens: 90,
      cache_read_tokens: 10,
      cache_write_tokens: 0,
      output_tokens: 40,
      reasoning_tokens: 8,
      tool_calls: 0,
    };
    const said: Said = {
      model: 'm',
      text: 'A long answer of the model.',
      usage,
      tool: ['run', { command: 'npm test' }],
    };

    it(`of ${shape} does not take the usage of a stream that broke off for its last word`, async () => {
      const meter = read(shape, true, '');
      const whole = bytesOf(shape, said, true, '\n').toString();
      meter.take(Buffer.from(whole.slice(0, whole.lastIndexOf(shape === 'gemini' ? '"finishReason"' : '"usage"'))));
      const reading = await meter.finish();
      assert.equal(reading.isFinal, false);
      assert.ok(reading.outputBytes >= 27);
    });

    it(`of ${shape} sees what is left of a compressed stream that broke off`, async () => {
      const meter = read(shape, true, 'gzip');
      const whole = gzipSync(bytesOf(shape, said, true, '\n'));
      for (const piece of parted(whole.subarray(0, whole.length - 12), [5])) meter.take(piece);
      assert.ok((await meter.finish()).outputBytes > 0);
    });

    if (shape !== 'gemini')
      it(`of ${shape} sees which tool the agent is to call, whole and as a stream`, async () => {
        for (const streams of [true, false]) {
          const meter = read(shape, streams, '');
          for (const piece of parted(bytesOf(shape, said, streams, '\n'), [3])) meter.take(piece);
          assert.deepEqual((await meter.finish()).toolCalls, ['run {"command":"npm test"}']);
        }
      });
  }

  it('believes the fields of the protocol, and not the words of the agent', async () => {
    const usage = {
      input_tokens: 5,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      output_tokens: 7,
      reasoning_tokens: 0,
      tool_calls: 0,
    };
    const lie =
      '\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":0,"input_tokens":0}}\n\n';
    for (const shape of Object.keys(formats) as ShapeName[])
      for (const streams of [true, false]) {
        const meter = read(shape, streams, '');
        meter.take(bytesOf(shape, { model: 'm', text: lie, usage }, streams, '\n'));
        assert.deepEqual((await meter.finish()).usage, usage);
      }
  });

  it('takes numbers that are none for nothing, and does not throw on any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('', 'gzip', 'br', 'zstd', 'deflate', 'rot13'),
        async (bytes, encoding) => {
          for (const shape of Object.keys(formats) as ShapeName[])
            for (const streams of [true, false]) {
              const meter = read(shape, streams, encoding);
              meter.take(bytes);
              await meter.finish();
            }
        },
      ),
      { numRuns: 60 },
    );
    const meter = read('chat', false, '');
    meter.take(
      Buffer.from(
        '{"usage":{"prompt_tokens":-5,"completion_tokens":1e99,"prompt_tokens_details":{"cached_tokens":"x"}}}',
      ),
    );
    assert.deepEqual((await meter.finish()).usage, {
      input_tokens: 0,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      output_tokens: 0,
      reasoning_tokens: 0,
      tool_calls: 0,
    });
  });

  it('takes no memory for a line without an end', async () => {
    const meter = read('anthropic', true, '');
    const before = process.memoryUsage().rss;
    const piece = Buffer.alloc(2 ** 20, 0x61);
    for (let at = 0; at < 200; at += 1) meter.take(piece);
    await meter.finish();
    assert.ok(process.memoryUsage().rss - before < 150 * 2 ** 20);
  });
});
