import type { Tool } from './define.ts';

export const nodeTest: Tool = {
  name: 'node-test',
  documentation: 'https://nodejs.org/api/test.html',
  install: 'https://nodejs.org',
  programs: ['node'],
  builds: true,
  languages: ['typescript'],
  exits: { 0: 'all passed', 1: 'failures' },
  machine: { flag: '--test-reporter=tap' },
  settings: { files: ['node.config.json'] },
  options: {
    selects: '--test-name-pattern --test-shard',
    ignores: '--test-skip-pattern --test-coverage-exclude',
    config: '--import --require --experimental-config-file --env-file',
    lowers: '--test-only --experimental-default-config-file',
  },
};
