import type { Tool } from './define.ts';

export const pytest: Tool = {
  name: 'pytest',
  documentation: 'https://docs.pytest.org/en/stable/reference/customize.html',
  install: 'pip install pytest',
  version: '--version',
  programs: ['pytest', 'py.test'],
  languages: ['python'],
  exits: { 0: 'all passed', 1: 'failures', 2: 'interrupted', 3: 'it failed', 4: 'usage', 5: 'no tests' },
  machine: { flag: '--tb=line', asked: /--tb[ =]|--junit/ },
  settings: {
    files: ['pytest.{ini,toml}', '.pytest.{ini,toml}', 'conftest.toml'],
    tables: {
      'pyproject.toml': ['tool.pytest'],
      'setup.cfg': ['tool:pytest', 'pytest'],
      'tox.ini': ['pytest', 'tool:pytest'],
    },
  },
  options: {
    selects: '-k -m --lf --maxfail --rootdir',
    ignores: '--ignore --ignore-glob --deselect -p',
    config: '-c --config-file -o --override-ini --confcutdir',
    lowers: '-x --exitfirst --last-failed --stepwise --runxfail --continue-on-collection-errors',
  },
};
