import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const ava: Tool = {
  name: 'ava',
  documentation: 'https://github.com/avajs/ava/blob/main/docs/06-configuration.md',
  install: 'npm install --save-dev ava',
  programs: ['ava'],
  languages: ['typescript'],
  settings: { files: ['ava.config.*', 'ava.*.config.*'], tables: { 'package.json': ['ava'] } },
  paths: { files: ['ava.config.js'], read: runnerPaths },
  options: { selects: '-m --match --node-arguments', config: '--config' },
};
