import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutMarksIn } from '../../../parsers/engine/text-lines.ts';
import { withFarm } from '../../support/farm.ts';
import { enqueue, register } from '../api/registered.ts';

test('what a failed job says of itself holds no mark of its steps', () =>
  withFarm(async (farm) => {
    await register(farm, 'web', { commands: { lint: 'true; no-such-tool-here .' } });
    const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
    const { failure } = await farm.http.ended(job_id);
    assert.match(failure.detail, /no-such-tool-here: not found$/);
    assert.doesNotMatch(JSON.stringify(failure), /133;|step=/);
    const { json } = await farm.http.get(`/jobs/${job_id}`);
    const { text } = await farm.http.get(`/jobs/${job_id}/log?tail=5`);
    assert.match(json.log_tail.join('\n'), /no-such-tool-here: not found$/);
    assert.match(text, /no-such-tool-here: not found\n$/);
    assert.doesNotMatch(JSON.stringify([json.log_tail, text]), /133;|step=/);
  }));

test('no way to read the log of a job shows the marks of its steps', () =>
  withFarm(async (farm) => {
    await register(farm, 'web', { commands: { lint: "sh -c 'echo one'; sh -c 'echo two >&2'; sh -c 'echo three'" } });
    const { job_id } = await enqueue(farm, 'web', { recipe: 'lint' });
    await farm.http.ended(job_id);
    const log = (query = '', headers: Record<string, string> = {}) =>
      farm.http.get(`/jobs/${job_id}/log${query}`, { headers });
    const whole = await log();
    assert.deepEqual(whole.text.trim().split('\n').sort(), ['one', 'three', 'two']);
    assert.equal(whole.headers.get('content-length'), String(whole.text.length));
    assert.equal((await log('?stream=stderr')).text, 'two\n');
    assert.equal((await log('', { range: 'bytes=-6' })).text, whole.text.slice(-6));
    assert.deepEqual((await log('?follow=1')).text.trim().split('\n').sort(), ['one', 'three', 'two']);
    const events = await log('?follow=1', { accept: 'text/event-stream' });
    assert.doesNotMatch(events.text, /133;|step=/);
  }));

test('a mark is taken out wherever it is cut, and nothing else is', () => {
  const text = 'a\u001b]133;C;step=1\u0007b\u001b[31mc\u001b]133;D;0;step=12\u0007\u001b]0;title\u0007d\u001b]133;D';
  for (let at = 0; at <= text.length; at += 1) {
    const plain = withoutMarksIn();
    const parts = [text.slice(0, at), text.slice(at)].map((part) => plain.write(Buffer.from(part)));
    assert.equal(
      Buffer.concat([...parts, plain.end()]).toString(),
      'ab\u001b[31mc\u001b]0;title\u0007d\u001b]133;D',
      String(at),
    );
  }
});
