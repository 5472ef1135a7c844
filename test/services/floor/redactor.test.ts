import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redactorOf } from '../../../services/floor/redactor.ts';

/** The bytes that a stream lets through when they come in pieces of these sizes. */
function through(secrets: string[], bytes: Buffer, sizes: readonly number[]): Buffer {
  const stream = redactorOf(secrets).stream();
  const out: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    out.push(stream.write(bytes.subarray(at, at + size)));
    at += size;
  }
  out.push(stream.write(bytes.subarray(at)), stream.end());
  return Buffer.concat(out);
}

const secret = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019-_/+%"\\ &=ü'), minLength: 6, maxLength: 24 })
  .filter((one) => one.trim().length >= 6);
const noise = fc.string({ unit: fc.constantFrom(...'mno\n .:['), maxLength: 20 });
const forms: ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => JSON.stringify(text),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`user:${text}`).toString('base64'),
  (text) => Buffer.from(`u:${text}`).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
];

describe('the redactor', () => {
  it('lets a secret through in none of its forms, wherever the pieces end', () => {
    const split = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(
        secret,
        noise,
        noise,
        fc.nat({ max: forms.length - 1 }),
        split,
        (hidden, before, after, at, sizes) => {
          const form = forms[at]?.(hidden) ?? hidden;
          const core = at >= 3 ? form.slice(3, -4) : form.replace(/^"|"$/g, '');
          const out = through([hidden], Buffer.from(before + form + after), sizes).toString();
          assert.ok(!out.includes(core) || core.length < 6, out);
          assert.ok(
            !redactorOf([hidden])
              .text(before + form + after)
              .includes(core) || core.length < 6,
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('lets everything else through byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.integer({ min: 1, max: 50 })), (bytes, sizes) => {
        const all = Buffer.from(bytes);
        assert.deepEqual(through(['correct-horse-battery'], all, sizes), all);
        assert.deepEqual(through([], all, sizes), all);
      }),
    );
  });

  it('holds nothing back for ever: what looked like a beginning comes at the end', () => {
    assert.equal(through(['correct-horse'], Buffer.from('correct-hor'), [3]).toString(), 'correct-hor');
    assert.equal(
      through(['correct-horse'], Buffer.from('correct-correct-horse'), [9, 4]).toString(),
      'correct-[redacted]',
    );
  });

  it('leaves words alone that are too short to be secrets', () => {
    assert.equal(redactorOf(['abc']).text('abc'), 'abc');
  });
});
