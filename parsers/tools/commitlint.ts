import type { Tool } from './define.ts';

export const commitlint: Tool = {
  name: 'commitlint',
  documentation: 'https://commitlint.js.org/reference/configuration.html',
  install: 'npm install --save-dev @commitlint/cli',
  programs: ['commitlint'],
  languages: [],
  settings: { files: ['commitlint.config*', '.commitlintrc*'], tables: { 'package.json': ['commitlint'] } },
};
