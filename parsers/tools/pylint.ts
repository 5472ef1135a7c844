import { silencers, type Tool } from './define.ts';

/** `disable` counts on its line; on a line of its own to the end of its block. Codes and names both count. */
export const pylint: Tool = {
  name: 'pylint',
  documentation: 'https://pylint.readthedocs.io/en/stable/user_guide/messages/message_control.html',
  install: 'pip install pylint',
  version: '--version',
  programs: ['pylint'],
  languages: ['python'],
  scope: 'file',
  wider: /^(?:[EFR]\d|W0[45]|W1|C04)/,
  exits: { 0: 'nothing found', '1-31': 'a sum: 1 fatal, 2 errors, 4 warnings, 8 refactorings, 16 conventions' },
  fails: { 32: 'usage' },
  machine: { flag: '--output-format=json', asked: /(-f|--output-format)[ =]json/ },
  silencers: [
    ...silencers('python', 'inside', [
      [
        '# pylint : disable(?:-msg)?\\b(?!-)',
        'line',
        '# pylint: disable=unused-import',
        { alone: 'block', end: '\\bpylint ?: ?enable\\b' },
      ],
      ['# pylint : disable-next\\b', 'next', '# pylint: disable-next=unused-import'],
    ]),
    ...silencers('python', 'comment', [['pylint : skip-file', 'file', '# pylint: skip-file']]),
  ],
  settings: {
    files: ['pylintrc', '.pylintrc', 'pylintrc.toml', '.pylintrc.toml'],
    tables: {
      'pyproject.toml': ['tool.pylint'],
      'setup.cfg': ['pylint', 'pylint.*', 'messages control', 'messagescontrol', 'master', 'main'],
      'tox.ini': ['pylint', 'pylint.*', 'messagescontrol'],
    },
  },
  options: {
    selects: '-e --enable --confidence --load-plugins',
    ignores: '-d --disable --ignore --ignore-patterns --ignore-paths',
    config: '--rcfile',
    lowers: '-E --errors-only --exit-zero',
  },
  narrowing: {
    start: 'pylint',
    values: '-f --output-format -j --jobs',
    flags: '--recursive=y --persistent=n',
    reads: /\.pyi?$/,
    wholeFolder: false,
  },
};
