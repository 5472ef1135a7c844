import assert from 'node:assert/strict';
import { test } from 'node:test';
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
