import { silencers, type Tool } from './define.ts';

export const prettier: Tool = {
  name: 'prettier',
  documentation: 'https://prettier.io/docs/ignore',
  install: 'npm install --save-dev prettier',
  programs: ['prettier'],
  languages: ['typescript'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not' },
  fails: { 2: 'it failed' },
  silencers: silencers(null, 'inside', [
    ['\\bprettier-ignore\\b(?!-)', 'line', '// prettier-ignore', { alone: 'declaration' }],
    ['\\bprettier-ignore-start\\b', 'block', '<!-- prettier-ignore-start -->', { end: '\\bprettier-ignore-end\\b' }],
  ]),
  settings: {
    files: ['.prettierrc*', 'prettierrc*', 'prettier.config.*', '.editorconfig'],
    lists: ['.prettierignore', '.gitignore'],
    tables: { 'package.json': ['prettier'] },
  },
  options: {
    selects: '--parser --plugin',
    ignores: '--ignore-path',
    config: '--config --config-precedence',
    lowers: '--no-config --no-editorconfig -u --ignore-unknown --require-pragma --no-error-on-unmatched-pattern',
  },
};
