import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineTools, toolOnPath } from '../../../recipes/detection/tools.ts';
import { paced } from '../../support/pace.ts';
import { until } from '../../support/until.ts';
import { writtenFiles } from '../written-files.ts';

test('a tool is found on the PATH when it is an executable file', async (t) => {
  const dir = await writtenFiles(t, { 'a/tool': 'no program', 'b/tool': '#!/bin/sh\n', 'c/tool/file': '' });
  const PATH = ['relative', 'a', 'c', 'b'].map((name, at) => (at === 0 ? name : join(dir, name))).join(':');
  assert.equal(toolOnPath('tool', { PATH }), join(dir, 'b/tool'));
  assert.equal(toolOnPath('other', { PATH }), undefined);
  assert.equal(toolOnPath('tool', {}), undefined);
});

test('a stand-in for a tool that is not installed counts as missing', async (t) => {
  const dir = await writtenFiles(t, {
    standin: '#!/bin/sh\necho "pyenv: standin: command not found" >&2\nexit 127\n',
    works: '#!/bin/sh\n[ "$1" = --version ]\n',
  });
  const has = machineTools({ PATH: dir });
  assert.equal(await has('standin'), false);
  assert.equal(await has('works'), true);
  assert.equal(await has('absent'), false);
});

test('a least version and a Python module are asked for by name', async (t) => {
  const dir = await writtenFiles(t, {
    checker: '#!/bin/sh\necho "checker 1.10.3 (compiled: yes)"\n',
    python3: '#!/bin/sh\n[ "$1 $2 $3" = "-m there --version" ]\n',
  });
  const has = machineTools({ PATH: dir });
  const answers = ['1.9', '1.10', '1.10.3', '1.10.4', '1.11', '2.0'].map((least) => has(`checker >= ${least}`));
  assert.deepEqual(await Promise.all(answers), [true, true, true, false, false, false]);
  assert.equal(await has('python3 -m there'), true);
  assert.equal(await has('python3 -m absent'), false);
});

test('a tool that is slow to say its version is there, of no known version, and its children are ended', async (t) => {
  const dir = await writtenFiles(t, { hangs: '#!/bin/sh\necho $$ > "$OUT"\nsleep 600\n' });
  const out = join(dir, 'pid');
  const has = machineTools({ PATH: `${dir}:/usr/bin:/bin`, OUT: out }, paced(300));
  assert.equal(await has('hangs'), true);
  assert.equal(await has('hangs >= 1.0'), false);
  const group = -Number(readFileSync(out, 'utf8'));
  const isAlive = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  await until(() => !isAlive(), 'the end of the group');
});

test('a tool is asked once', async (t) => {
  const dir = await writtenFiles(t, { counted: '#!/bin/sh\necho asked >> "$OUT"\necho counted 2.0\n' });
  const out = join(dir, 'times');
  const has = machineTools({ PATH: dir, OUT: out });
  await Promise.all([has('counted'), has('counted >= 1.0'), has('counted')]);
  assert.equal(readFileSync(out, 'utf8'), 'asked\n');
});
