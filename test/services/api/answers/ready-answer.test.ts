import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersAtSequence } from '../../../../services/api/answers/ready-answer.ts';

test('an answer is kept until the read model moves', () => {
  let seq = 7;
  const answers = answersAtSequence({ seq: () => seq });
  answers.keep('a', Buffer.from('seven'), seq);
  assert.equal(answers.get('a')?.toString(), 'seven');
  assert.equal(answers.get('b'), undefined);
  seq = 8;
  assert.equal(answers.get('a'), undefined);
  answers.keep('b', Buffer.from('eight'), seq);
  assert.equal(answers.get('a'), undefined, 'what was kept before is not known at a later sequence');
  assert.equal(answers.get('b')?.toString(), 'eight');
});

test('an answer that was made before the read model moved is not kept', () => {
  let seq = 7;
  const answers = answersAtSequence({ seq: () => seq });
  seq = 8;
  answers.keep('a', Buffer.from('seven'), 7);
  assert.equal(answers.get('a'), undefined);
});

test('neither large answers nor many of them fill the memory', () => {
  const answers = answersAtSequence({ seq: () => 1 });
  answers.keep('large', Buffer.alloc(128 * 1024 + 1), 1);
  assert.equal(answers.get('large'), undefined);
  for (let n = 0; n <= 200; n += 1) answers.keep(String(n), Buffer.from('x'), 1);
  const left = Array.from({ length: 201 }, (_, n) => answers.get(String(n))).filter(Boolean);
  assert.ok(left.length > 0 && left.length <= 200);
});
