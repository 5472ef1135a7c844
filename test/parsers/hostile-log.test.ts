import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { Observation } from '../../events/finding.ts';
import type { LogContext } from '../../parsers/define.ts';
import { readLog } from '../../parsers/read-log.ts';
import { parsers } from '../../parsers/registry.ts';
import { assertLight } from '../support/cpu-time.ts';
import { type Piece, parsed, parserFixtures } from './parser-fixture.ts';

const fixtures = parserFixtures();
const context: LogContext = {
  language: 'rust',
  recipe: 'test',
  command: 'make',
  subproject: '.',
  roots: ['/work-tree'],
};

test('any split of the bytes gives the same result', () => {
  const some = fixtures.filter((one) => one.stdout.length + one.stderr.length < 20_000);
  fc.assert(
    fc.property(
      fc.constantFrom(...some),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      (one, sizes) => {
        const pieces: Piece[] = [];
        for (const stream of ['stdout', 'stderr'] as const) {
          for (let from = 0, at = 0; from < one[stream].length; at += 1) {
            const to = from + (sizes[at % sizes.length] ?? 1);
            pieces.push([stream, one[stream].subarray(from, to)]);
            from = to;
          }
        }
        assert.deepEqual(parsed(one, pieces), parsed(one));
      },
    ),
    { numRuns: 150 },
  );
});

test('no bytes make it throw', () => {
  const words = fc.constantFrom(...parsers.flatMap((parser) => [...(parser.cues ?? []), ...(parser.json?.cut ?? [])]));
  const text = fc.array(
    fc.oneof(words, fc.string(), fc.constantFrom('\n', '{', '[', '"', '\\', ']', '}', ':', '1', '\u001b[')),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    text.map((parts) => new TextEncoder().encode(parts.join(''))),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('stdout' as const, 'stderr' as const), bytes)), (chunks) => {
      const reader = readLog(context);
      for (const [stream, chunk] of chunks) reader.write(stream, chunk);
      reader.end({ exitCode: 1, reason: 'exited' });
    }),
    { numRuns: 300 },
  );
});

test('a fixture cut anywhere or with any byte changed does not make it throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fixtures), fc.nat(), fc.nat(), fc.nat({ max: 255 }), (one, cut, at, byte) => {
      const stdout = Buffer.from(one.stdout.subarray(0, cut % (one.stdout.length + 1)));
      if (stdout.length > 0) stdout[at % stdout.length] = byte;
      parsed({ ...one, stdout });
    }),
    { numRuns: 300 },
  );
});

test('a value of another kind anywhere in a document does not make it throw', () => {
  const kinds = [
    '{"toString":1,"length":-1}',
    '"\\ud800"',
    '[]',
    '[[1]]',
    '-1',
    'null',
    'true',
    '1e308',
    '"a\\u0000\\nb"',
  ];
  const documents = fixtures.filter((one) => one.stdout.includes('{"') || one.stdout.includes('{\n'));
  fc.assert(
    fc.property(fc.constantFrom(...documents), fc.nat({ max: 200 }), fc.constantFrom(...kinds), (one, at, kind) => {
      let count = 0;
      const text = String(one.stdout).replace(/(": ?)("(?:[^"\\]|\\.)*"|\d+|null)/g, (whole, colon) => {
        count += 1;
        return count % 40 === at % 40 ? `${colon}${kind}` : whole;
      });
      const log = parsed({ ...one, stdout: Buffer.from(text) });
      for (const finding of log.findings) assert.ok(Value.Check(Observation, finding), JSON.stringify(finding));
    }),
    { numRuns: 600 },
  );
});

const size = 1_000_000;
const fillers = [
  'a',
  ' ',
  ':',
  '1',
  'a:1:',
  '=',
  '!',
  '/',
  '(',
  '[',
  '{',
  '"',
  '\\',
  '{"',
  '[{"a":',
  '\u001b[',
  '\t',
  '  x',
  '.go:1:',
  '::',
  ' - ',
  '^',
  '-',
  '_ ',
  '\r',
];

test('an object that cannot be turned into text does not make it throw', () => {
  const hostile = { toString: 1, valueOf: 1 };
  const documents = [
    {
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'x', rules: [{ id: hostile }] } }, results: [{ ruleId: 'a', ruleIndex: 0 }] }],
    },
    {
      comments: [
        {
          file: 'a.sh',
          line: 1,
          endLine: 1,
          column: 1,
          endColumn: 1,
          level: 'error',
          code: hostile,
          message: 'm',
          fix: null,
        },
      ],
    },
    { version: 1, parameters: hostile, projects: [] },
    { Action: hostile, Package: 'p', Test: 'T' },
    {
      reason: 'compiler-message',
      message: {
        message: 'm',
        level: 'warning',
        spans: [],
        children: [{ message: 'h', spans: [{ suggested_replacement: hostile }] }],
      },
    },
  ];
  for (const document of documents) {
    const reader = readLog(context);
    reader.write('stdout', Buffer.from(`${JSON.stringify(document)}\n`));
    reader.end({ exitCode: 1, reason: 'exited' });
  }
});

// What goes by the square takes two to five seconds for so many, where 0.3 is too much; what does not takes 20 ms.
const enough = 50_000;

test('a long line of hostile characters is linear work for every text parser', () => {
  for (const parser of parsers) {
    const { name, cues = [] } = parser;
    if (cues.length === 0) continue;
    // Each parser alone, so that no other takes the line first.
    const alone = [parser];
    for (const [at, filler] of fillers.entries()) {
      const reader = readLog(context, alone);
      const cue = cues[at % cues.length] ?? '';
      assertLight(300, `${name}, ${JSON.stringify(cue)} and ${JSON.stringify(filler)}`, () => {
        reader.write('stdout', Buffer.from(`${cue}${filler.repeat(enough / filler.length)}${cue}\n`));
        reader.end({ exitCode: 1, reason: 'exited' });
      });
    }
  }
});

test('every cue starts a bounded amount of work', () => {
  for (const parser of parsers) {
    const { name, cues = [] } = parser;
    const alone = [parser];
    for (const [at, cue] of cues.entries()) {
      for (const filler of [fillers[at % fillers.length] ?? '', ' ', ':1', cue]) {
        const reader = readLog(context, alone);
        assertLight(300, `${name}, ${JSON.stringify(cue)} and ${JSON.stringify(filler)}`, () => {
          reader.write('stdout', Buffer.from(`x${cue}${filler.repeat(enough / filler.length)}\n`));
          reader.end({ exitCode: 1, reason: 'exited' });
        });
      }
    }
  }
});

test('lines of a million characters of all sorts are read by all parsers at once', () => {
  for (const filler of fillers) {
    const reader = readLog(context);
    assertLight(3_000, JSON.stringify(filler), () => {
      reader.write('stdout', Buffer.from(`${filler.repeat(size / filler.length)}\n${filler}\nx\n`));
      reader.end({ exitCode: 1, reason: 'exited' });
    });
  }
});

test('lines that each open a document and never close it are read in linear time', () => {
  for (const line of ['[\n', '{\n', '{"a":\n', '[[[[\n', '{"a": 1,\n', 'x {"a": [\n']) {
    const reader = readLog(context);
    assertLight(4_000, JSON.stringify(line), () => {
      reader.write('stdout', Buffer.from(line.repeat(size / line.length)));
      reader.end({ exitCode: 0, reason: 'exited' });
    });
  }
});
