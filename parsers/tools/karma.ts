import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const karma: Tool = {
  name: 'karma',
  documentation: 'https://karma-runner.github.io/latest/config/configuration-file.html',
  install: 'npm install --save-dev karma',
  programs: ['karma'],
  languages: ['typescript'],
  settings: { files: ['karma.{conf,config}*', 'wdio.conf*'] },
  paths: { files: ['karma.conf.js'], read: runnerPaths },
};
