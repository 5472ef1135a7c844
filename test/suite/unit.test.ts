import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runUnit } from './run-unit.ts';

const spoiled = `
import { createServer } from 'node:http';
import { test } from 'node:test';
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
test('is right', async () => { await pause(); });
test('leaves a rejection behind', async () => {
  (async () => { await pause(); throw new Error('nobody waits for this'); })();
  await pause(); await pause(); await pause();
});
test('throws between two turns', async () => {
  setTimeout(() => { throw new Error('thrown by a timer'); }, 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
});
test('lets a server fail', async () => {
  const server = createServer(({ socket }) => { socket.destroy(); throw new Error('thrown by a server'); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await fetch('http://127.0.0.1:' + server.address().port).catch(() => {});
  server.closeAllConnections();
  server.close();
});
test('never ends', { timeout: 200 }, () => new Promise(() => setInterval(() => {}, 1_000).unref()));
test('is right behind all that', async (context) => { await context.test('a part', pause); });
`;

test('what goes wrong in a file is told of the test in which it does, and the tests behind it run', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-unit-'));
  context.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'spoiled.test.mjs'), spoiled);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { tests, trouble } = await runUnit({ files: [join(dir, 'spoiled.test.mjs')], titles: [] }, env);
  const failed = tests.filter(({ kind }) => kind === 'failed');
  assert.deepEqual(failed.map(({ title }) => title).sort(), [
    'leaves a rejection behind',
    'lets a server fail',
    'never ends',
    'throws between two turns',
  ]);
  const wordsOf = (title: string) => failed.find((one) => one.title === title)?.words ?? '';
  assert.match(wordsOf('leaves a rejection behind'), /nobody waits for this/);
  assert.match(wordsOf('lets a server fail'), /thrown by a server/);
  assert.match(wordsOf('throws between two turns'), /thrown by a timer/);
  for (const title of ['is right', 'a part', 'is right behind all that'])
    assert.ok(
      tests.some((one) => one.title === title && one.kind === 'passed'),
      title,
    );
  assert.equal(trouble, null);
});

test('a hook that never ends is ended, and it is told where the process stood and what it waited for', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-unit-'));
  context.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(
    join(dir, 'held.test.mjs'),
    `import { createServer } from 'node:net';
import { before, test } from 'node:test';
before(() => new Promise(() => createServer().listen(0, '127.0.0.1')));
test('waits for it', () => {});`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { trouble } = await runUnit({ files: [join(dir, 'held.test.mjs')], titles: [] }, env, {
    testMs: 1_000,
    heldMs: 1_000,
  });
  assert.match(trouble ?? '', /told nothing for too long; the last test to begin was: waits for it/);
  assert.match(trouble ?? '', /It waits for:[\s\S]*"tcp"/);
});

test('a file that leaves something at work is ended, and it is told that its tests are over', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-unit-'));
  context.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(
    join(dir, 'left.test.mjs'),
    `import { test } from 'node:test';
test('leaves a timer', () => void setInterval(() => {}, 1_000));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { tests, trouble } = await runUnit({ files: [join(dir, 'left.test.mjs')], titles: [] }, env, {
    testMs: 1_000,
    heldMs: 1_000,
  });
  assert.deepEqual(
    tests.map(({ kind }) => kind),
    ['passed'],
  );
  assert.match(trouble ?? '', /all tests that began are over, the last was: leaves a timer[\s\S]*"timer"/);
});
