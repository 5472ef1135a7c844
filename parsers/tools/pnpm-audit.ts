import type { Tool } from './define.ts';

export const pnpmAudit: Tool = {
  name: 'pnpm-audit',
  documentation: 'https://pnpm.io/cli/audit',
  install: 'npm install --global pnpm',
  programs: ['pnpm audit'],
  languages: ['typescript'],
  exits: { 0: 'nothing found', 1: 'advisories' },
  machine: { flag: '--json', asked: /--json/ },
  settings: {
    files: ['.npmrc'],
    tables: {
      'package.json': ['pnpm'],
      'pnpm-workspace.yaml': ['auditConfig', 'auditLevel', 'ignoredOptionalDependencies'],
    },
  },
  locks: ['pnpm-lock.yaml'],
  options: {
    selects: '--audit-level',
    ignores: '--ignore --ignore-cves',
    lowers: '-P --prod -D --dev --no-optional --ignore-registry-errors --ignore-unfixable --fix',
  },
};
