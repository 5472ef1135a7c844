import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findShownPaths } from '../../../../services/io/sandbox/shown-paths.ts';
import { writtenFiles } from '../../../recipes/written-files.ts';

test('a program of a virtual environment is shown with what makes it one, also where a link on the PATH leads to it', async (t) => {
  const dir = await writtenFiles(t, {
    'venvs/audit/bin/pip-audit': '#!/bin/sh\n',
    'venvs/audit/pyvenv.cfg': `home = /usr/bin\n`,
    'venvs/audit/lib/x.py': '',
    'own/bin/ruff': '#!/bin/sh\n',
    'own/pyvenv.cfg': '',
    'work/tool.sh': '#!/bin/sh\n',
    'work/.env': 'SECRET=1',
    'local/bin/plain': '#!/bin/sh\n',
  });
  symlinkSync(join(dir, 'venvs/audit/bin/pip-audit'), join(dir, 'local/bin/pip-audit'));
  symlinkSync(join(dir, 'work/tool.sh'), join(dir, 'local/bin/tool'));
  symlinkSync(join(dir, 'gone'), join(dir, 'local/bin/gone'));
  mkdirSync(join(dir, 'empty'));
  const PATH = [join(dir, 'local/bin'), join(dir, 'own/bin'), join(dir, 'empty/bin'), '/usr/bin'].join(':');
  const { paths } = findShownPaths({ env: { PATH }, own: [], extra: [] });
  const here = paths.filter((path) => path.startsWith(dir)).map((path) => path.slice(dir.length + 1));
  assert.deepEqual(here.sort(), [
    'local/bin',
    'own/bin',
    'own/pyvenv.cfg',
    'venvs/audit/bin',
    'venvs/audit/lib',
    'venvs/audit/pyvenv.cfg',
    'work/tool.sh',
  ]);
});

test('the shims of a version manager are shown with the versions that they choose from', async (t) => {
  const dir = await writtenFiles(t, {
    'pyenv/shims/python3': '#!/bin/sh\n',
    'pyenv/versions/3.12.1/bin/python3': '#!/bin/sh\n',
    'pyenv/libexec/pyenv': '#!/bin/sh\n',
    'pyenv/version': '3.12.1\n',
    'pyenv/cache/secret': '',
  });
  const { paths } = findShownPaths({ env: { PATH: join(dir, 'pyenv/shims') }, own: [], extra: [] });
  const here = paths.filter((path) => path.startsWith(dir)).map((path) => path.slice(dir.length + 1));
  assert.deepEqual(here.sort(), ['pyenv/libexec', 'pyenv/shims', 'pyenv/version', 'pyenv/versions']);
});
