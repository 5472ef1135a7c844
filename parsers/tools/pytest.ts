import type { Tool } from './define.ts';
import { pathsOf, tomlValues } from './settings-paths.ts';

const isTestFolder = (folder: string) => /test|spec|e2e|integration|functional|acceptance|checks?$/i.test(folder);

export const pytest: Tool = {
  name: 'pytest',
  documentation: 'https://docs.pytest.org/en/stable/reference/customize.html',
  install: 'pip install pytest',
  version: '--version',
  programs: ['pytest', 'py.test'],
  languages: ['python'],
  exits: { 0: 'all passed', 1: 'failures' },
  fails: { 2: 'interrupted', 3: 'it failed', 4: 'usage', 5: 'no tests' },
  machine: { flag: '--tb=line', asked: /--tb[ =]|--junit/ },
  settings: {
    files: ['pytest.{ini,toml}', '.pytest.{ini,toml}', 'conftest.toml'],
    tables: {
      'pyproject.toml': ['tool.pytest'],
      'setup.cfg': ['tool:pytest', 'pytest'],
      'tox.ini': ['pytest', 'tool:pytest'],
    },
  },
  paths: {
    files: ['pytest.ini', 'pyproject.toml', 'setup.cfg', 'tox.ini'],
    read: (text) => [
      ...pathsOf('test', tomlValues(text, 'testpaths').filter(isTestFolder)),
      ...pathsOf(
        'test',
        tomlValues(text, 'python_files').flatMap((one) => (one === '*.py' ? [] : [`**/${one}`])),
      ),
      ...pathsOf(
        'test',
        tomlValues(text, 'doctest_glob').map((one) => `**/${one}`),
      ),
      ...pathsOf(
        'hook',
        [...text.matchAll(/-p[ \t]{0,9}([\w.]{1,100})/g)].map(([, one = '']) => `${one.replaceAll('.', '/')}.py`),
      ),
    ],
  },
  options: {
    selects: '-k -m --lf --maxfail --rootdir',
    ignores: '--ignore --ignore-glob --deselect -p',
    config: '-c --config-file -o --override-ini --confcutdir',
    lowers: '-x --exitfirst --last-failed --stepwise --runxfail --continue-on-collection-errors',
  },
};
