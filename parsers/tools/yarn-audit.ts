import type { Tool } from './define.ts';

export const yarnAudit: Tool = {
  name: 'yarn-audit',
  documentation: 'https://yarnpkg.com/cli/npm/audit',
  install: 'npm install --global yarn',
  programs: ['yarn audit', 'yarn npm audit'],
  languages: ['typescript'],
  exits: { 0: 'nothing found', '1-31': 'advisories; in 1.x a sum of their levels' },
  machine: { flag: '--json', asked: /--json/ },
  settings: {
    files: ['.yarnrc*', '.npmrc'],
    lists: [
      '.iyarc',
      '.yarn-audit-known-issues',
      '.nsprc',
      'audit-ci.{json,jsonc,json5}',
      '.audit-ci.{json,jsonc,json5}',
      '.yarn-audit*',
    ],
  },
  locks: ['yarn.lock'],
  options: {
    selects: '--level --severity --groups --environment',
    ignores: '-i --ignore --exclude',
    lowers: '-R --no-recursive --no-deprecations',
  },
};
