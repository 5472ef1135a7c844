import { silencers, type Tool } from './define.ts';

export const hlint: Tool = {
  name: 'hlint',
  documentation: 'https://github.com/ndmitchell/hlint#customizing-the-hints',
  install: 'apt-get install hlint',
  programs: ['hlint'],
  languages: ['haskell'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings' },
  machine: { flag: '--json', asked: /--json|--serialise/ },
  silencers: silencers('haskell r elixir lua perl', 'inside', [
    [
      'HLINT ignore|ANN \\w{1,40} (?:\\w{1,60} )?"HLint : ignore|OPTIONS_GHC|LANGUAGE Unsafe',
      'file',
      '{- HLINT ignore "Eta reduce" -}',
      { family: 'other' },
    ],
    ['nolint\\b', 'line', '-- nolint', { family: 'other' }],
  ]),
  settings: { files: ['.hlint.{yml,yaml}', 'HLint.hs', '.lintr'], builds: ['package.yaml', '*.cabal'] },
  options: { selects: '--only', ignores: '-i --ignore --ignore-glob', config: '-h --hint', lowers: '--no-exit-code' },
};
