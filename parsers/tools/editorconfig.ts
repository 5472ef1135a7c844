import { silencers, type Tool } from './define.ts';

/** What several formatters read; its own checker obeys comments. */
export const editorconfig: Tool = {
  name: 'editorconfig',
  documentation: 'https://editorconfig-checker.github.io/',
  install: 'npm install --save-dev editorconfig-checker',
  programs: ['editorconfig-checker', 'ec'],
  languages: [],
  scope: 'file',
  silencers: silencers(null, 'inside', [
    [
      'editorconfig-checker-disable(?!-(?:next-)?line)\\b',
      'block',
      '// editorconfig-checker-disable',
      { end: 'editorconfig-checker-enable' },
    ],
    [
      'editorconfig-checker-disable-(?:next-)?line\\b',
      'line',
      '// editorconfig-checker-disable-line',
      { alone: 'next' },
    ],
  ]),
  settings: { files: ['.editorconfig', 'editorconfig', '.ecrc', '.editorconfig-checker.json'] },
};
