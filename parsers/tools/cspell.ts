import { silencers, type Tool } from './define.ts';

export const cspell: Tool = {
  name: 'cspell',
  documentation: 'https://cspell.org/docs/Configuration/document-settings',
  install: 'npm install --save-dev cspell',
  programs: ['cspell'],
  languages: [],
  scope: 'file',
  silencers: silencers(null, 'inside', [
    [
      '\\bc?spell(?:-?checker)? : (?:disable(?!-)|ignore)',
      'block',
      '// cspell:disable',
      { end: '\\bc?spell(?:-?checker)? : enable' },
    ],
    [
      '\\bc?spell(?:-?checker)? : (?:words?|ignore-?words?|(?:enable|disable)(?:Compound|CaseSens)\\w{1,20})\\b',
      'file',
      '// cspell:words total',
    ],
    ['\\bc?spell(?:-?checker)? : disable-(?:next-)?line', 'line', '// cspell:disable-line', { alone: 'next' }],
  ]),
  settings: {
    files: ['.cspell*', 'cspell*', '.cspell/**', '.typos.toml', 'typos.toml', '_typos.toml'],
    lists: ['project-words.txt'],
    tables: { 'package.json': ['cspell'] },
  },
};
