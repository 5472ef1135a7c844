import type { Tool } from './define.ts';

/** The linkers of C and C++. */
export const ld: Tool = {
  name: 'ld',
  documentation: 'https://sourceware.org/binutils/docs/ld/Options.html',
  install: 'apt-get install binutils',
  programs: ['ld', 'ld.lld', 'ld.gold'],
  builds: true,
  compiles: true,
  languages: ['c', 'cpp', 'c++'],
  scope: 'program',
  toldBy: ['gcc', 'clang'],
  exits: { 0: 'it linked', 1: 'errors' },
  settings: { builds: ['CMakeLists.txt', '*.cmake', 'meson.build', 'Makefile*', '*.mk'] },
  options: {
    config: '-T',
    lowers: '--unresolved-symbols=ignore-all --allow-multiple-definition --allow-shlib-undefined -w',
  },
};
