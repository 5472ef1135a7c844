import { silencers, type Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const vitest: Tool = {
  name: 'vitest',
  documentation: 'https://vitest.dev/config/',
  install: 'npm install --save-dev vitest',
  programs: ['vitest'],
  languages: ['typescript'],
  exits: { 0: 'all passed', 1: 'failures' },
  silencers: silencers('javascript typescript vue json css', 'comment', [
    [
      '(?:istanbul|c8|v8|vitest) ignore\\b|node : coverage (?:disable|ignore)',
      'next',
      '/* v8 ignore next */',
      { family: 'cover' },
    ],
  ]),
  settings: {
    files: ['vitest.{config,workspace,setup}*', 'vite.config*', 'vitest.*.{ts,js,mts}'],
    tables: { 'package.json': ['vitest'] },
  },
  paths: {
    files: ['vitest.config.js', 'vitest.config.ts', 'vitest.config.mts', 'vite.config.js', 'vite.config.ts'],
    read: runnerPaths,
  },
  options: {
    selects: '-t --testNamePattern --project --shard --dir --environment',
    ignores: '--exclude',
    config: '-c --config -r --root --workspace',
    lowers: '--changed --passWithNoTests --bail --typecheck.only',
  },
};
