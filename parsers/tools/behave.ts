import type { Tool } from './define.ts';

export const behave: Tool = {
  name: 'behave',
  documentation: 'https://behave.readthedocs.io/en/stable/behave/',
  install: 'pip install behave',
  programs: ['behave'],
  languages: ['python'],
  settings: {
    files: ['behave.ini', '.behaverc'],
    tables: { 'setup.cfg': ['behave'], 'tox.ini': ['behave'], 'pyproject.toml': ['tool.behave'] },
  },
  options: { selects: '-n --name -i --include -t --tags', ignores: '-e --exclude', config: '-D --define' },
};
