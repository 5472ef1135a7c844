import type { Tool } from './define.ts';

export const composerAudit: Tool = {
  name: 'composer-audit',
  documentation: 'https://getcomposer.org/doc/03-cli.md#audit',
  install: 'Composer (https://getcomposer.org)',
  programs: ['composer audit'],
  languages: ['php'],
  exits: { 0: 'nothing found', 1: 'advisories', 2: 'abandoned packages', 3: 'both' },
  machine: { flag: '--format=json', asked: /(-f|--format)[ =]json/ },
  settings: { tables: { 'composer.json': ['config.audit', 'config.policy', 'config'] } },
  locks: ['composer.lock'],
  options: { ignores: '--ignore-severity', lowers: '--no-dev --ignore-unreachable', selects: '--abandoned' },
};
