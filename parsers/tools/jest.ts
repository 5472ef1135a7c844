import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const jest: Tool = {
  name: 'jest',
  documentation: 'https://jestjs.io/docs/configuration',
  install: 'npm install --save-dev jest',
  programs: ['jest', 'react-scripts test'],
  languages: ['typescript'],
  exits: { 0: 'all passed', 1: 'failures' },
  settings: {
    files: [
      'jest.{config,setup,conf,workspace}*',
      'jest-{config,setup,preset}*',
      'setupTests.{js,ts}',
      '.babelrc*',
      'babel.config.*',
    ],
    tables: { 'package.json': ['jest'] },
  },
  paths: {
    files: ['jest.config.js', 'jest.config.cjs', 'jest.config.mjs', 'jest.config.ts', 'jest.config.json'],
    read: runnerPaths,
  },
  options: {
    selects:
      '-t --testNamePattern --testPathPattern --testPathPatterns --testMatch --testRegex --projects --selectProjects --shard --roots',
    ignores: '--testPathIgnorePatterns --ignoreProjects --modulePathIgnorePatterns',
    config: '-c --config --setupFiles --filter --globalSetup',
    lowers: '-o --onlyChanged --onlyFailures --passWithNoTests --changedSince --lastCommit',
  },
};
