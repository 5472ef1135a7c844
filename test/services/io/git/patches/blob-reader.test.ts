import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatchParser, largestBlob } from '../../../../../services/io/git/patches/blob-reader.ts';

const id = 'a'.repeat(40);

test('answers are understood in pieces of any size', () => {
  const output = Buffer.from(
    `${id} blob 5\nab\ncd\nx:some path missing\n${id} blob 0\n\n${id} tree 3\n\n\n\n\n${id} blob 1\nz\n`,
  );
  for (const size of [1, 2, 3, 7, output.length]) {
    const answers: (string | undefined)[] = [];
    const parse = createBatchParser((content) => answers.push(content?.toString()));
    for (let at = 0; at < output.length; at += size) parse(output.subarray(at, at + size));
    assert.deepEqual(answers, ['ab\ncd', undefined, '', undefined, 'z']);
  }
});

test('a blob that is too large is passed over', () => {
  const answers: (number | undefined)[] = [];
  const parse = createBatchParser((content) => answers.push(content?.length));
  for (const size of [largestBlob + 1, largestBlob]) {
    parse(Buffer.from(`${id} blob ${size}\n`));
    parse(Buffer.alloc(size));
    parse(Buffer.from('\n'));
  }
  assert.deepEqual(answers, [undefined, largestBlob]);
});
