import type { Tool } from './define.ts';

export const unittest: Tool = {
  name: 'unittest',
  documentation: 'https://docs.python.org/3/library/unittest.html',
  install: 'comes with Python',
  programs: ['unittest'],
  languages: ['python'],
  exits: { 0: 'all passed', 1: 'failures' },
  fails: { 5: 'no tests' },
  settings: { tables: { 'pyproject.toml': ['tool.unittest'] }, files: ['unittest.cfg', 'nose2.cfg'] },
  options: { selects: '-k -p --pattern -s --start-directory', lowers: '-f --failfast' },
};
