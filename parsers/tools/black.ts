import { silencers, type Tool } from './define.ts';

/** black, and what obeys the same comments (yapf, autopep8). */
export const black: Tool = {
  name: 'black',
  documentation: 'https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html',
  install: 'pip install black',
  programs: ['black', 'yapf', 'autopep8'],
  languages: ['python'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not' },
  fails: { 123: 'it failed' },
  silencers: [
    ...silencers('python', 'comment', [
      [
        '(?:fmt|autopep8|ruff : isort) : off|yapf : disable',
        'block',
        '# fmt: off',
        { family: 'format', end: '\\b(?:fmt|isort|autopep8) : on\\b|\\byapf : enable' },
      ],
    ]),
    ...silencers('python', 'inside', [['# fmt : skip', 'line', '# fmt: skip', { family: 'format' }]]),
  ],
  settings: {
    files: ['.style.yapf', '.pycodestyle'],
    lists: ['.yapfignore', '.gitignore'],
    tables: {
      'pyproject.toml': ['tool.black', 'tool.yapf', 'tool.yapfignore', 'tool.autopep8'],
      'setup.cfg': ['yapf', 'autopep8'],
      'tox.ini': ['autopep8'],
    },
  },
  options: {
    selects: '-l --line-length -t --target-version --include',
    ignores: '--exclude --extend-exclude --force-exclude',
    config: '--config',
  },
};
