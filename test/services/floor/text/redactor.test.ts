import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isMaskable, redactorOf } from '../../../../services/floor/text/redactor.ts';

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

  it('masks the pieces of a token that tools lay out beside each other, in any width from twelve on', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
    const chance = fc.string({ unit: fc.constantFrom(...letters), minLength: 40, maxLength: 80 });
    const split = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });
    let [rows, shown] = [0, 0];
    fc.assert(
      fc.property(chance, fc.integer({ min: 12, max: 32 }), split, (token, width, sizes) => {
        const pieces = token.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        const out = through([token], Buffer.from(pieces.map((piece) => `| ${piece}  |\n`).join('')), sizes).toString();
        for (const piece of pieces.filter((one) => one.length >= 12)) {
          rows += 1;
          if (out.includes(piece)) shown += 1;
        }
      }),
      { numRuns: 400, seed: 1 },
    );
    assert.ok(rows > 800 && shown / rows < 0.04, `${shown} of ${rows}`);
  });

  it('masks a token as hexdump, od -x, od -c, fold and spaces between the letters show it', () => {
    const token = 'gX9kQ2mZ7pLw4RtY8vBn';
    const { text } = redactorOf([token]);
    const words = (bytes: Buffer) => (Buffer.from(bytes).swap16().toString('hex').match(/.{4}/g) ?? []).join(' ');
    for (const shown of [
      `0000000 ${words(Buffer.from(token))}`,
      `0000000 ${words(Buffer.from(`x${token}x`))}`,
      `0000000   ${[...token.slice(0, 16)].join('   ')}`,
      [...token].join(' '),
      token.match(/.{1,5}/g)?.join('\n') ?? '',
    ]) {
      const out = text(shown);
      assert.ok(out.includes('[redacted]') && out.length < shown.length / 2 + 24, `${shown} is shown as ${out}`);
    }
  });

  it('leaves the words and the addresses that a secret may hold', () => {
    const secrets = [
      'postgres://app:hunter2@database.example.com/MyProject?sslmode=require',
      'correct horse battery staple',
    ];
    const log =
      'see https://database.example.com/MyProject/index.html, class MyProjectTest, sslmode, battery, 2024-11-30T10:11:12Z';
    assert.equal(redactorOf(secrets).text(log), log);
  });

  it('masks a stream as it masks the whole, wherever the pieces end', () => {
    const words = fc.array(fc.constantFrom('hunter', 'hunter2-hunter', 'correct-horse', 'horse'), {
      minLength: 1,
      maxLength: 3,
    });
    const parts = fc.array(fc.constantFrom('hunter', '2-', 'correct-', 'horse', ' ', 'x', '\n', 'hun', 'cor'), {
      maxLength: 12,
    });
    const split = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 });
    fc.assert(
      fc.property(words, parts, split, (secrets, pieces, sizes) => {
        const all = pieces.join('');
        assert.equal(through(secrets, Buffer.from(all), sizes).toString(), redactorOf(secrets).text(all));
      }),
      { numRuns: 1_000 },
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

  it('masks each line of a secret, whatever stands around it and however its lines end', () => {
    const lines = fc.array(secret, { minLength: 1, maxLength: 4 });
    const ways: ((line: string, at: number) => string)[] = [
      (line) => line,
      (line) => `> ${line}`,
      (line, at) => `     ${at + 1}\t${line}`,
      (line) => `  ${line.trim()}  `,
      (line) => `2026-11-30T08:00:00Z ${line}`,
      (line) =>
        encodeURIComponent(line).toLowerCase().includes('%')
          ? encodeURIComponent(line).replace(/%../g, (pair) => pair.toLowerCase())
          : line,
      (line) => [...Buffer.from(line)].map((byte) => `%${byte.toString(16)}`).join(''),
    ];
    const ends = fc.constantFrom('\n', '\r\n', ' ', '\0');
    const split = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 });
    const way = fc.nat({ max: ways.length - 1 });
    fc.assert(
      fc.property(lines, way, ends, split, fc.boolean(), (all, chosen, end, sizes, hasEnd) => {
        const shown = all.map((line, at) => (ways[chosen] ?? ways[0])?.(line, at) ?? '').join(end);
        const value = all.join('\n') + (hasEnd ? '\n' : '');
        const out = through([value], Buffer.from(shown), sizes).toString();
        for (const [at, line] of all.entries()) {
          const shape = ways[chosen]?.(line, at).trim() ?? line;
          assert.ok(
            !out.includes(line.trim()) && !out.includes(shape),
            `${JSON.stringify(all)} ${JSON.stringify(out)}`,
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it('masks base64 and hexadecimal at any wrap, behind any prefix of a line, but for less than six bytes at an edge', () => {
    const notations: { digits: (bytes: Buffer) => string; most: number }[] = [
      { digits: (bytes) => bytes.toString('base64'), most: 7 },
      { digits: (bytes) => bytes.toString('base64url'), most: 7 },
      { digits: (bytes) => bytes.toString('hex'), most: 11 },
      { digits: (bytes) => bytes.toString('hex').toUpperCase(), most: 11 },
    ];
    const key = fc.uint8Array({ minLength: 30, maxLength: 200 }).map((bytes) =>
      Buffer.from(bytes)
        .toString('latin1')
        .replace(/[^\x21-\x7e]/g, 'k'),
    );
    const split = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 30 });
    fc.assert(
      fc.property(
        key,
        fc.nat({ max: 3 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('', '> ', '\t# '),
        fc.constantFrom('', 'a', 'user:'),
        split,
        (value, at, width, prefix, before, sizes) => {
          const { digits, most } = notations[at] ?? { digits: String, most: 0 };
          const whole = digits(Buffer.from(before + value)).replace(/=+$/, '');
          const shown = (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
            .map((line) => `${prefix}${line}\n`)
            .join('');
          const out = through([value], Buffer.from(shown), sizes).toString();
          // What stands before the secret belongs to nobody.
          const secretFrom = Math.ceil((digits(Buffer.from(before)).replace(/=+$/, '').length + 2) / 1);
          for (const line of prefix === ''
            ? [out.replaceAll('\n', '')]
            : out.split('\n').map((text) => text.slice(prefix.length)))
            for (const run of line.split('[redacted]'))
              for (let from = 0; from + most < run.length; from += 1) {
                const found = whole.indexOf(run.slice(from, from + most + 1), secretFrom);
                assert.equal(found, -1, `${run} of ${whole}`);
              }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('masks a key of several lines however it is printed', () => {
    const key = `-----BEGIN KEY-----\n${'QUJD'.repeat(15)}x1\n${'ZZyy'.repeat(15)}x2\nshort\n-----END KEY-----\n`;
    const body = key.split('\n').slice(1, 3);
    for (const shown of [key, key.trim(), body[0], body.join(' '), key.replaceAll('\n', '\r\n'), JSON.stringify(key)]) {
      const out = redactorOf([key]).text(`x ${shown} y`);
      assert.ok(!body.some((line) => out.includes(line)) && !out.includes('short'), out);
    }
    assert.equal(redactorOf(['token-1\n']).text('is token-1.'), 'is [redacted].');
  });

  it('passes what could go on, and masks what does, without holding more than a line back', () => {
    const stream = redactorOf(['correct-horse-battery']).stream();
    assert.equal(stream.write(Buffer.from('building c\n')).toString(), 'building c\n');
    assert.equal(stream.write(Buffer.from('progress 41%')).toString(), 'progress 41');
    assert.equal(stream.end().toString(), '%');
  });

  it('says which values it cannot mask', () => {
    assert.deepEqual(['hunter', ' ab\n', ''].map(isMaskable), [true, false, false]);
  });

  it('leaves words alone that are too short to be secrets', () => {
    assert.equal(redactorOf(['abc']).text('abc'), 'abc');
  });
});
