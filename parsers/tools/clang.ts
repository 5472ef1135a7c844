import type { Tool } from './define.ts';
import { gcc } from './gcc.ts';

/** It obeys the pragmas of gcc, and is configured where gcc is. */
export const clang: Tool = {
  name: 'clang',
  documentation: 'https://clang.llvm.org/docs/UsersManual.html#controlling-diagnostics-via-pragmas',
  install: 'apt-get install clang',
  programs: ['clang', 'clang++'],
  builds: true,
  compiles: true,
  languages: ['c', 'cpp', 'c++'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors' },
  obeys: ['gcc'],
  settings: { files: ['.clangd', ...(gcc.settings?.files ?? [])], builds: gcc.settings?.builds ?? [] },
};
