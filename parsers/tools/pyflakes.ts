import type { Tool } from './define.ts';

/** It has no settings and obeys no comments: flake8 is what adds both. */
export const pyflakes: Tool = {
  name: 'pyflakes',
  documentation: 'https://github.com/PyCQA/pyflakes/blob/main/README.rst',
  install: 'pip install pyflakes',
  programs: ['pyflakes', 'pyflakes3'],
  languages: ['python'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings' },
};
