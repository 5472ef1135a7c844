import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const reporters = resolve(import.meta.dirname, '../../../services/runner/reporters/python');
const isThere = spawnSync('python3', ['-c', 'pass']).status === 0;

test('what a machine has its Pythons load at their start is loaded, and our reporter after it', {
  skip: !isThere && 'needs python3',
}, (context) => {
  const own = mkdtempSync(join(tmpdir(), 'ct-site-'));
  context.after(() => rmSync(own, { recursive: true, force: true }));
  writeFileSync(join(own, 'sitecustomize.py'), 'print("of the machine")\n');
  // The meta path holds our finder as long as unittest was not loaded.
  const script = 'import sys; print([type(one).__name__ for one in sys.meta_path][0])';
  const { stdout, stderr } = spawnSync('python3', ['-c', script], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      PYTHONPATH: `${reporters}:${own}`,
      CRAFTING_REPORT_DIR: own,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  assert.equal(stderr, '');
  assert.equal(stdout, 'of the machine\n_After\n');
});
