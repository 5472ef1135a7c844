import { silencers, type Tool } from './define.ts';

/** Linters of prose and markup: Vale, alex, textlint, HTMLHint. */
export const prose: Tool = {
  name: 'prose',
  documentation: 'https://vale.sh/docs/formats/markdown',
  install: 'https://vale.sh/docs/install',
  programs: ['vale', 'alex', 'textlint', 'htmlhint'],
  languages: ['markdown'],
  silencers: silencers('markdown xml vue', 'comment', [
    [
      '(?:vale\\s{1,9}[\\w.]{1,60} ?= ?NO|vale off|alex (?:disable|ignore)|lint (?:disable|ignore)|textlint-disable|htmlhint)\\b[\\w-]{0,20}',
      'block',
      '<!-- vale off -->',
      { end: '\\bvale on\\b|\\balex enable\\b|\\btextlint-enable\\b' },
    ],
  ]),
  settings: {
    files: [
      '.vale.ini',
      '.vale/**',
      'styles/{config,Vale}/**',
      '_vale.ini',
      '.alexrc*',
      '.textlintrc*',
      '.htmlhintrc',
      '.remarkrc*',
    ],
    lists: ['.alexignore', '.textlintignore'],
  },
};
