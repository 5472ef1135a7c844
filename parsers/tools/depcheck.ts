import type { Tool } from './define.ts';

export const depcheck: Tool = {
  name: 'depcheck',
  documentation: 'https://github.com/depcheck/depcheck#readme',
  install: 'npm install --save-dev depcheck',
  programs: ['depcheck'],
  languages: ['typescript'],
  exits: { 0: 'nothing found', '1-255': 'findings' },
  scope: 'program',
  settings: { files: ['.depcheckrc*'], tables: { 'package.json': ['depcheck'] } },
  options: {
    ignores: '--ignores --ignore-patterns --ignore-path --ignore-dirs',
    config: '--config',
    lowers: '--skip-missing',
  },
};
