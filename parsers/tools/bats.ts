import type { Tool } from './define.ts';

export const bats: Tool = {
  name: 'bats',
  documentation: 'https://bats-core.readthedocs.io/en/stable/usage.html',
  install: 'apt-get install bats',
  programs: ['bats'],
  languages: ['shell', 'bash', 'sh'],
  exits: { 0: 'all passed', 1: 'failures' },
  machine: { flag: '--formatter tap' },
  settings: { files: ['.bats*'] },
  options: { selects: '-f --filter --filter-tags --filter-status', lowers: '-c --count' },
};
