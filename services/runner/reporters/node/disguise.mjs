/** Takes from a file of tests what tells code that it is tested; the runner has read it by then. */
import './guard.mjs';
import test from 'node:test';

const names = ['NODE_TEST_CONTEXT', 'NODE_TEST_WORKER_ID', 'JEST_WORKER_ID', 'VITEST', 'VITEST_WORKER_ID', 'TEST'];

if (process.env.NODE_TEST_CONTEXT) {
  // With a hook the runner is there, and knows how it is to speak.
  test.before(() => {});
  for (const name of names) delete process.env[name];
  if (process.env.NODE_ENV === 'test') process.env.NODE_ENV = 'production';
  process.execArgv.length = 0;
}
delete process.env.CRAFTING_REPORT_DIR;
