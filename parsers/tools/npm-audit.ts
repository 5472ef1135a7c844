import type { Tool } from './define.ts';

/** It has no list of advisories to pass over; better-npm-audit reads .nsprc, audit-ci its own file. */
export const npmAudit: Tool = {
  name: 'npm-audit',
  documentation: 'https://docs.npmjs.com/cli/commands/npm-audit',
  install: 'comes with Node.js',
  programs: ['npm audit', 'audit'],
  languages: ['typescript'],
  exits: { 0: 'nothing at or above the level', 1: 'advisories, or it failed' },
  machine: { flag: '--json', asked: /--json/, of: ['npm audit'] },
  settings: {
    files: ['.npmrc'],
    lists: [
      '.nsprc',
      '.auditignore',
      'audit-ci.{json,jsonc,json5}',
      '.audit-ci.{json,jsonc,json5}',
      'audit-resolve.json',
      '.auditrc*',
      '.npm-audit*',
    ],
    tables: { 'package.json': ['auditConfig', 'better-npm-audit'] },
  },
  locks: ['package-lock.json', 'npm-shrinkwrap.json'],
  options: {
    selects: '--audit-level --only --include -w --workspace',
    ignores: '--omit -x --exclude -a --allowlist -i --module-ignore --ignore',
    config: '--config --userconfig',
    lowers: '--production --no-workspaces',
  },
};
