/** Says of each process in which tests run that it came to its end, and what of that which judges was replaced in it. */
import assert from 'node:assert';
import * as testing from 'node:test';
import { common, openChannel, watchReplaced } from './channel.mjs';

/** Whether this is a process of tests, and not the runner that started it. */
if (process.env.NODE_TEST_CONTEXT && process.env.CRAFTING_REPORT_DIR) {
  const say = openChannel();
  const replaced = watchReplaced({
    assert,
    'assert.strict': assert.strict,
    'AssertionError.prototype': assert.AssertionError.prototype,
    ...common,
    testing,
  });
  say({ k: 'start', tool: 'node', version: process.version });
  process.once('exit', (exit) => say({ k: 'end', exit, changed: replaced() }));
}
