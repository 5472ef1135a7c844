import { silencers, type Tool } from './define.ts';

export const stylelint: Tool = {
  name: 'stylelint',
  documentation: 'https://stylelint.io/user-guide/ignore-code/',
  install: 'npm install --save-dev stylelint',
  programs: ['stylelint'],
  languages: ['css'],
  scope: 'file',
  exits: { 0: 'no errors', 2: 'errors' },
  fails: { 1: 'it failed', 64: 'wrong arguments', 78: 'its configuration is wrong' },
  machine: { flag: '-f json', asked: /(-f|--formatter)[ =](json|compact|unix|tap)/ },
  silencers: silencers('javascript typescript vue json css', 'comment', [
    [
      'stylelint-?disable(?!-(?:next-)?line)\\b',
      'block',
      '/* stylelint-disable color-no-hex */',
      { family: 'eslint', end: '\\bstylelint-enable\\b' },
    ],
    ['stylelint-?disable-line\\b', 'line', '/* stylelint-disable-line */', { family: 'eslint' }],
    ['stylelint-?disable-next-line\\b', 'next', '/* stylelint-disable-next-line */', { family: 'eslint' }],
  ]),
  settings: {
    files: ['.stylelintrc*', 'stylelint.config.*'],
    lists: ['.stylelintignore'],
    tables: { 'package.json': ['stylelint'] },
  },
  options: {
    selects: '--custom-syntax',
    ignores: '--ignore-path -i --ignore-pattern --max-warnings',
    config: '--config --config-basedir',
    lowers: '-q --quiet --quiet-deprecation-warnings --allow-empty-input',
  },
};
