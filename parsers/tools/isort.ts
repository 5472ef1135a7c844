import { silencers, type Tool } from './define.ts';

export const isort: Tool = {
  name: 'isort',
  documentation: 'https://pycqa.github.io/isort/docs/configuration/action_comments.html',
  install: 'pip install isort',
  programs: ['isort'],
  languages: ['python'],
  scope: 'program',
  exits: { 0: 'all is sorted', 1: 'some is not' },
  silencers: [
    ...silencers('python', 'comment', [
      ['isort : (?:skip_file|off|dont-add-import)', 'block', '# isort: skip_file', { end: '\\bisort : on\\b' }],
    ]),
    ...silencers('python', 'inside', [['# isort : skip\\b', 'line', '# isort: skip']]),
  ],
  settings: {
    files: ['.isort.cfg'],
    tables: { 'pyproject.toml': ['tool.isort'], 'setup.cfg': ['isort', 'tool:isort'], 'tox.ini': ['isort'] },
    lists: ['.gitignore'],
  },
  options: {
    selects: '--profile --src',
    ignores: '-s --skip --sg --skip-glob',
    config: '--sp --settings-path --settings-file',
    lowers: '--gitignore --filter-files',
  },
};
