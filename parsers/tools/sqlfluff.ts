import { silencers, type Tool } from './define.ts';

export const sqlfluff: Tool = {
  name: 'sqlfluff',
  documentation: 'https://docs.sqlfluff.com/en/stable/configuration/ignoring_configuration.html',
  install: 'pip install sqlfluff',
  programs: ['sqlfluff'],
  languages: ['sql'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  machine: { flag: '--format json', asked: /(-f|--format)[ =](json|yaml|github|human|none)/ },
  silencers: silencers(null, 'inside', [
    ['-- noqa\\b(?!: ?(?:disable|enable))', 'line', '-- noqa: LT01', { family: 'sqlfluff' }],
    ['-- noqa : disable', 'block', '-- noqa: disable=LT01', { end: '-- noqa : enable' }],
    ['sqlfluff : noqa', 'line', '-- sqlfluff: noqa'],
    ['sqlfluff : [\\w:]{1,60}:', 'file', '-- sqlfluff:exclude_rules:LT01'],
  ]),
  settings: {
    files: ['.sqlfluff'],
    lists: ['.sqlfluffignore'],
    tables: {
      'setup.cfg': ['sqlfluff', 'sqlfluff:*'],
      'tox.ini': ['sqlfluff', 'sqlfluff:*'],
      'pyproject.toml': ['tool.sqlfluff'],
    },
  },
  options: {
    selects: '-r --rules --dialect -t --templater',
    ignores: '-e --exclude-rules -i --ignore --warn-unused-ignores',
    config: '--config --ignore-local-config',
  },
};
