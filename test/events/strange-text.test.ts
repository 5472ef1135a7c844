import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seal } from '../../events/envelope.ts';
import { strangeText, textualJson } from '../../events/strange-text.ts';

const readable = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed().replaceAll('\0', ''));
const documents = fc
  .jsonValue({ stringUnit: 'binary' })
  .map((one) => JSON.parse(textualJson(one).replaceAll('\\u0000', '')));
const halves = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));

test('a document of text is taken, and its JSON is that of everybody', () => {
  fc.assert(
    fc.property(documents, (one) => {
      assert.deepEqual(strangeText(one), []);
      assert.equal(textualJson(one), JSON.stringify(one));
    }),
  );
});

test('half of a pair or NUL is found wherever it stands, by its path', () => {
  const steps = fc.array(fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.constant(0)), { maxLength: 6 });
  const ill = fc.tuple(readable, fc.oneof(halves, fc.constant('\0')), readable).filter(([a, half, b]) => {
    return !(a + half + b).isWellFormed() || half === '\0';
  });
  fc.assert(
    fc.property(steps, ill, documents, (path, parts, beside) => {
      const text = parts.join('');
      const value = path.reduceRight<unknown>(
        (inner, step) => (step === 0 ? [inner] : { [step]: inner, '0': beside }),
        text,
      );
      const [fault, ...others] = strangeText(value, '/body');
      assert.deepEqual([fault?.path, others], [['/body', ...path].join('/'), []]);
      assert.match(fault?.message ?? '', /found \\u[0-9a-f]{4} at character \d+/);
    }),
  );
});

test('a cut through a pair becomes U+FFFD in what is stored, and nothing else changes', () => {
  const texts = fc.array(fc.oneof(readable, halves, fc.constant('\\ud800'), fc.constant('\\')), { maxLength: 8 });
  fc.assert(
    fc.property(texts, (parts) => {
      const text = parts.join('');
      assert.equal(JSON.parse(textualJson({ [text]: text }))[text.toWellFormed()], text.toWellFormed());
    }),
  );
  const faults = [{ path: '', message: 'cut \ud83d' }];
  const data = { name: 'p', branch: '\ud83d\ude00', sha: 'a'.repeat(40), faults };
  const { payload } = seal({ type: 'RepositoryRecipesRefused', id: 'p', data }, { source: 'x', now: new Date() });
  assert.deepEqual(JSON.parse(payload), { ...data, faults: [{ path: '', message: 'cut \ufffd' }] });
});

test('depth costs no stack, and many faults are cut', () => {
  let deep: unknown = '\ud800';
  for (let at = 0; at < 20_000; at += 1) deep = [deep];
  assert.equal(strangeText(deep)[0]?.path.length, 512);
  assert.equal(strangeText(Array.from({ length: 1000 }, () => '\0')).length, 20);
});
