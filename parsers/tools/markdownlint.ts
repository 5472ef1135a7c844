import { silencers, type Tool } from './define.ts';

export const markdownlint: Tool = {
  name: 'markdownlint',
  documentation: 'https://github.com/DavidAnson/markdownlint#configuration',
  install: 'npm install --save-dev markdownlint-cli2',
  programs: ['markdownlint', 'markdownlint-cli2'],
  languages: ['markdown'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  silencers: silencers('markdown xml vue', 'comment', [
    [
      'markdownlint-(?:disable(?!-)|configure)\\b[\\w-]{0,20}',
      'block',
      '<!-- markdownlint-disable MD013 -->',
      { end: '\\bmarkdownlint-(?:enable|restore)\\b' },
    ],
    ['markdownlint-(?:disable-file|configure-file)\\b', 'file', '<!-- markdownlint-disable-file MD013 -->'],
    ['markdownlint-disable-line\\b', 'line', '<!-- markdownlint-disable-line MD013 -->'],
    ['markdownlint-disable-next-line\\b', 'next', '<!-- markdownlint-disable-next-line MD013 -->'],
  ]),
  settings: {
    files: ['.markdownlint*', '.mdlrc', '.mdl_style.rb', 'markdownlint*.{json,jsonc,yaml,yml}'],
    lists: ['.markdownlintignore'],
    tables: { 'package.json': ['markdownlint-cli2'] },
  },
  options: { ignores: '-i --ignore -p --ignore-path --disable', config: '-c --config -r --rules', selects: '--enable' },
};
