import { silencers, type Tool } from './define.ts';

export const clangFormat: Tool = {
  name: 'clang-format',
  documentation: 'https://clang.llvm.org/docs/ClangFormat.html',
  install: 'apt-get install clang-format',
  programs: ['clang-format'],
  languages: ['c', 'cpp', 'c++'],
  scope: 'file',
  exits: { 0: 'all is formatted, or no --Werror', 1: 'some is not' },
  silencers: silencers(null, 'inside', [
    [
      '@formatter : off|\\bspotless : off|\\bclang-format off',
      'block',
      '// clang-format off',
      { family: 'formatter', end: '@formatter : on\\b|\\bspotless : on\\b|\\bclang-format on\\b' },
    ],
  ]),
  settings: { files: ['.clang-format', '_clang-format'], lists: ['.clang-format-ignore'] },
  options: { selects: '--style -style --fallback-style --lines', config: '--assume-filename' },
};
