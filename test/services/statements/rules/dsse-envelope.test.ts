import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBundle } from '../../../../services/statements/rules/dsse-envelope.ts';

const signature = '{"keyid":"k\\"ey:","sig":"s"}';
const whole = `{"payloadType":"t","payload":"{\\"payload\\":1}","signatures":[${signature}, ${signature}]}`;

describe('the envelope of a statement', () => {
  it('is read, whatever its values hold', () => {
    assert.equal(readBundle(`${whole}\n`)[0]?.signatures[0]?.keyid, 'k"ey:');
  });

  for (const [title, line, words] of [
    ['a field twice', whole.replace('{', '{"payload":"other",'), /line 1 has a field twice/],
    ['a field twice by another spelling', whole.replace('{', '{"p\\u0061yload" : "other",'), /has a field twice/],
    ['a field of a signature twice', whole.replace('{"keyid"', '{"sig":"x","keyid"'), /has a field twice/],
    ['an unknown field', whole.replace('{', '{"more":1,'), /no DSSE envelope \(\/more: /],
    ['an unknown field of a signature', whole.replace('{"keyid"', '{"cert":"","keyid"'), /\/signatures\/0\/cert/],
  ] as const)
    it(`is refused with ${title}`, () => {
      assert.throws(() => readBundle(line), words);
    });
});
