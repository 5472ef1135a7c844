import type { Tool } from './define.ts';

/** What measures how much of the code the tests run: nyc, c8, Istanbul. */
export const nyc: Tool = {
  name: 'nyc',
  documentation: 'https://github.com/istanbuljs/nyc#readme',
  install: 'npm install --save-dev nyc',
  programs: ['nyc', 'c8'],
  languages: ['typescript'],
  settings: { files: ['.nycrc*', 'nyc.config*', '.c8rc*'], tables: { 'package.json': ['nyc', 'c8'] } },
};
