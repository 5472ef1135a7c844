import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Draft } from '../../parsers/define.ts';
import { repeats } from '../../parsers/engine/repeats.ts';
import { assertLight } from '../support/cpu-time.ts';

const word = fc.constantFrom('a', 'b', 'x'.repeat(700), 'x'.repeat(701), 'a longer message');
const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom('lint' as const, 'cve' as const),
  severity: fc.constant('warn' as const),
  raw: fc.constant(null),
  message: fc.oneof(word, fc.nat({ max: 30 }).map(String)),
  code: fc.option(word, { nil: null }),
  file: fc.option(fc.constantFrom('a.ts', 'src/b.ts'), { nil: null }),
  line: fc.constantFrom(null, 1, 2, 1025),
  column: fc.constantFrom(null, 1, 1024),
  package: fc.option(word, { nil: null }),
  installed_version: fc.option(word, { nil: null }),
});

test('what was said already is told from what was not by every field that counts', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(draft, fc.constantFrom('one', 'two')), { maxLength: 80 }), (all) => {
      const said = repeats();
      const plain = new Set<string>();
      for (const [one, tool] of all) {
        const key = JSON.stringify([one, tool]);
        assert.equal(said.has(one, tool), plain.has(key), key);
        if (!plain.has(key)) said.add(one, tool);
        plain.add(key);
      }
    }),
    { numRuns: 200 },
  );
});

test('twenty thousand findings at one place are told apart in linear time', () => {
  const said = repeats();
  assertLight(10_000, 'all of them', () => {
    for (let at = 0; at < 20_000; at += 1) {
      const one: Draft = { kind: 'lint', severity: 'warn', raw: null, message: `m${at}` };
      assert.equal(said.has(one, 'tool'), false);
      said.add(one, 'tool');
      assert.equal(said.has(one, 'tool'), true);
    }
  });
});
